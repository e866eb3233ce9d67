import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { awsCommands, docBlock, docBlocks, helpOf } from './support/doc-commands.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

test('every npm script that the documents name is there, and installs what it needs first', () => {
  const named = ['README.md', 'docs/runbook.md'].flatMap((file) =>
    [...read(file).matchAll(/npm run ([\w-]+(?::[\w-]+)?)/g)].map(([, name = '']) => name),
  );
  expect(named.length).toBeGreaterThan(20);
  for (const name of new Set(named)) {
    expect({ name, script: scripts[name] }).toEqual({
      name,
      script: expect.stringContaining('node infra/local/setup.js '),
    });
  }
});

test('a block is for AWS as a whole or not at all', () => {
  expect(docBlock('x', 'export AWS_REGION=x\nnpm run deploy\n').isAws).toBe(true);
  expect(docBlock('x', 'npm run query -- --aws "select 1"\n').isAws).toBe(true);
  expect(docBlock('x', 'npm run query -- "select 1"\n').isAws).toBe(false);
  expect(() => docBlock('x', 'npm start\nnpm run deploy\n')).toThrow('one block');
});

test('what is not run in place of a person is asked for its help', () => {
  expect(helpOf('npm run run:aws -- --snapshot-date 2026-11-23')).toBe('npm run -s run:aws -- --help');
  expect(helpOf('npm run query -- --aws "select 1"')).toBe('npm run -s query -- --aws --help');
  const shown = awsCommands(docBlocks()).map((command) => helpOf(command).split(' ')[3]);
  expect(shown).toEqual(
    expect.arrayContaining(['deploy', 'credentials', 'run:aws', 'status', 'query', 'catalog', 'diff', 'destroy']),
  );
});
