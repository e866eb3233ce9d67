import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { STAGE_ERROR_NAMES } from '../../functions/domain/errors.ts';
import { readmeWithDiagram } from '../../infra/generate.ts';
import {
  loadDefinition,
  readDefinition,
  readStateMachineFile,
  type Substitutions,
} from '../../statemachine/definition.ts';

const SUBSTITUTIONS: Substitutions = {
  PrepareFunctionArn: 'b',
  ExtractFunctionArn: 'e',
  TransformFunctionArn: 't',
  PublishFunctionArn: 'p',
  CrawlerName: 'c',
  WorkGroup: 'w',
  StagingDatabase: 's',
  AlertTopicArn: 'a',
  ExecutionUrlPrefix: 'x',
  RunbookUrl: 'r',
};

test('every placeholder is filled in, the query with quotes and newlines too', () => {
  const definition = loadDefinition(SUBSTITUTIONS);
  expect(JSON.stringify(definition)).not.toContain('${');
  expect(definition.States.Validate?.Parameters?.QueryString).toBe(readStateMachineFile('validation.sql'));
});

test('a placeholder without a value and a value without a placeholder are refused', () => {
  const { CrawlerName: _, ...missing } = SUBSTITUTIONS;
  expect(() => loadDefinition(missing as Substitutions)).toThrow('CrawlerName');
  expect(() => loadDefinition({ ...SUBSTITUTIONS, Extra: 'x' } as Substitutions)).toThrow('Extra');
});

test('every error a stage may end with, and every one the machine makes, is explained in the runbook', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const headings = [...runbook.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]);
  const made = Object.values(readDefinition().States).flatMap((state) => {
    const { Result, Parameters } = state as { Result?: { Error?: string }; Parameters?: { Error?: string } };
    return [Result?.Error ?? Parameters?.Error ?? []].flat();
  });
  for (const name of [...STAGE_ERROR_NAMES, ...made]) expect(headings).toContain(name);
  expect(made).toEqual(expect.arrayContaining(['CrawlerFailed', 'ValidationFailed']));
});

test('every stage that can fail has its section in the runbook, and the alert links to it', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const anchors = [...runbook.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]?.toLowerCase().replaceAll(' ', '-'));
  const links = [...readStateMachineFile('pipeline.asl.json').matchAll(/\$\{RunbookUrl\}#([\w-]+)/g)].map((m) => m[1]);
  expect(new Set(links).size).toBeGreaterThan(5);
  for (const link of links) expect(anchors).toContain(link);
});

test('the diagram in the README is the one of the definition', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readmeWithDiagram(readme)).toBe(readme);
});
