import { describe, expect, test } from '@jest/globals';
import aslValidator from 'asl-validator';
import {
  allStates,
  type Definition,
  readDefinition,
  readStateMachineFile,
  type State,
} from '../../statemachine/definition.ts';
import { RULES } from './dialect.ts';
import { rebuildMachines } from './rebuild-machines.ts';

const broken = (state: object, machine: object = {}): Definition => ({
  StartAt: 'Broken',
  TimeoutSeconds: 60,
  States: { Broken: state as State },
  ...machine,
});

/** A definition that breaks just this rule. */
const EXAMPLES: Record<keyof typeof RULES, Definition> = {
  'a Pass never has a Result that is false, 0, "" or null': broken({ Type: 'Pass', Result: 0 }),
  'no ResultPath is "$"': broken({ Type: 'Pass', ResultPath: '$' }),
  'type tests are never false': broken({ Type: 'Choice', Choices: [{ Variable: '$.a', IsPresent: false, Next: 'B' }] }),
  'Numeric comparisons are of numbers': broken(
    { Type: 'Choice', Choices: [{ Not: { Variable: '$.b.count', NumericEquals: 0 }, Next: 'B' }] },
    {
      States: {
        Get: { Type: 'Pass', Parameters: { 'count.$': '$.Rows[0].VarCharValue' } },
        Broken: { Type: 'Choice', Choices: [{ Not: { Variable: '$.b.count', NumericEquals: 0 }, Next: 'B' }] },
      },
    },
  ),
  'text from outside is never formatted': broken({
    Type: 'Pass',
    Parameters: { 'a.$': "States.Format('{}', $.failure.Cause)" },
  }),
  'intrinsics hold no escaped quote and balanced parentheses': broken({
    Type: 'Pass',
    Parameters: { 'a.$': "States.Format('{} (', $.b)" },
  }),
  'the context object is read for the execution only': broken({
    Type: 'Pass',
    Parameters: { 'a.$': '$$.State.EnteredTime' },
  }),
  'every Task and the machine have TimeoutSeconds': broken({ Type: 'Task', Resource: 'x' }),
  'optional fields stand behind IsPresent': broken({
    Type: 'Choice',
    Choices: [{ Variable: '$.crawler.details.LastCrawl.Status', StringEquals: 'SUCCEEDED', Next: 'B' }],
  }),
  'no Fail is named as the States errors are': broken({ Type: 'Fail', Error: 'States.TaskFailed' }),
  'every Task catches everything and keeps its input': broken({
    Type: 'Task',
    Resource: 'x',
    TimeoutSeconds: 1,
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
  }),
  'placeholders stand for the whole name inside strings': broken({ Type: 'Pass', Parameters: { '${Key}': 'a' } }),
};

describe.each(Object.entries(RULES))('%s', (name, rule) => {
  test('holds for the pipeline', () => {
    expect(rule(readDefinition())).toEqual([]);
  });
  test('holds for the rebuild machine, and for what is inside its maps', () => {
    for (const machine of Object.values(rebuildMachines()))
      expect(rule({ ...machine, States: allStates(machine) })).toEqual([]);
  });
  test('finds its failing example', () => {
    expect(rule(EXAMPLES[name] as Definition)).not.toEqual([]);
  });
});

test('the file is valid as it stands, for a tool that knows nothing of the placeholders', () => {
  const { isValid, errorsText } = aslValidator(JSON.parse(readStateMachineFile('pipeline.asl.json')), {
    checkPaths: true,
  });
  expect(isValid ? '' : errorsText('\n')).toBe('');
});

test('no state is defined twice', () => {
  const names = [...readStateMachineFile('pipeline.asl.json').matchAll(/^ {4}"(\w+)": \{/gm)].map((match) => match[1]);
  expect(names).toEqual(Object.keys(readDefinition().States));
});
