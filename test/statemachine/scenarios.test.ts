import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definition } from '../../statemachine/definition.ts';
import { coveragePoints, coveredPoints, withMarks, withoutMarks } from './coverage.ts';
import { type EmbeddedRun, runEmbedded } from './embedded.ts';
import { EVENTS_ALLOWED, mostEvents, mostVisits } from './history-bound.ts';
import { answersInOrder, readMockConfig, startMocks } from './mocks.ts';
import { differences, expandPath, loadTestDefinition, readScenarios } from './scenarios.ts';

const SCENARIOS = readScenarios();
const DEFINITION = loadTestDefinition();
const MOCKS = readMockConfig();
const marked = withMarks(DEFINITION);
const runs = new Map<string, EmbeddedRun>();

beforeAll(async () => {
  for (const scenario of SCENARIOS) runs.set(scenario.name, await runEmbedded(marked, scenario, MOCKS));
});
const runOf = (name: string): EmbeddedRun => runs.get(name) as EmbeddedRun;

describe('each case on the embedded engine', () => {
  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
    expect(differences(scenario, DEFINITION, withoutMarks(runOf(name)))).toEqual([]);
  });

  test('the table and the answers name the same cases', () => {
    const answered = Object.entries(MOCKS.StateMachines).flatMap(([machine, { TestCases }]) =>
      Object.keys(TestCases).map((name) => `${machine}#${name}`),
    );
    expect(answered.sort()).toEqual(SCENARIOS.map(({ machine, name }) => `${machine}#${name}`).sort());
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(40);
  });

  test('a difference of any kind is told', () => {
    const scenario = SCENARIOS.find(({ name }) => name === 'InputRefused');
    if (!scenario) throw new Error('no case InputRefused');
    const good = withoutMarks(runOf('InputRefused'));
    const told = (change: Partial<EmbeddedRun>) => differences(scenario, DEFINITION, { ...good, ...change }).length;
    expect(told({})).toBe(0);
    expect(told({ status: 'SUCCEEDED' })).toBe(1);
    expect(told({ error: 'States.Runtime' })).toBe(1);
    expect(told({ cause: '' })).toBe(1);
    expect(told({ path: good.path.slice(1) })).toBe(1);
    expect(told({ problems: ['Extract: no answer'] })).toBe(1);
    expect(told({ sent: { ...good.sent, Extract: [{}] } })).toBe(1);
    expect(told({ sent: { ...good.sent, NotifyFailure: [{ Subject: 'Hello' }] } })).toBe(1);
  });
});

describe('the mocks', () => {
  const answer = (text: string) => ({ Return: text });

  test('ranges of calls are answered in order, one counter a state; a call too many is a problem', () => {
    const config = {
      StateMachines: { M: { TestCases: { c: { A: 'as', B: 'bs' } } } },
      MockedResponses: { as: { '1-2': answer('then'), '0': answer('first') }, bs: { '0': answer('b') } },
    };
    const mocks = startMocks(config, 'M', 'c');
    expect(['A', 'B', 'A', 'A'].map((state) => mocks.next(state).Return)).toEqual(['first', 'b', 'then', 'then']);
    expect(mocks.problems).toEqual([]);
    expect(mocks.next('A').Throw?.Error).toBe('NoMockedResponse');
    mocks.next('C');
    expect(mocks.problems).toHaveLength(2);
  });

  test('a gap in the numbers is refused', () => {
    expect(() => answersInOrder({ '0': answer('a'), '2': answer('b') })).toThrow('"2"');
    expect(() => answersInOrder({ '0-x': answer('a') })).toThrow('0-x');
  });

  test('every answer is used by a case, and to its last', () => {
    const calls = new Map<string, number>();
    for (const { machine, name } of SCENARIOS) {
      for (const [state, id] of Object.entries(MOCKS.StateMachines[machine]?.TestCases[name] ?? {})) {
        calls.set(id, Math.max(calls.get(id) ?? 0, runOf(name).sent[state]?.length ?? 0));
      }
    }
    const given = Object.entries(MOCKS.MockedResponses).map(([id, numbered]) => [id, answersInOrder(numbered).length]);
    expect(Object.fromEntries(calls)).toEqual(Object.fromEntries(given));
  });
});

describe('coverage', () => {
  const covered = () => new Set(SCENARIOS.flatMap(({ name }) => coveredPoints(DEFINITION, runOf(name))));

  test('every state, rule, default, catcher and retrier is exercised', () => {
    const done = covered();
    expect(coveragePoints(DEFINITION).filter((point) => !done.has(point))).toEqual([]);
  });

  test('what no case reaches is found', () => {
    const { Extract } = DEFINITION.States;
    const more: Definition = {
      ...DEFINITION,
      States: {
        ...DEFINITION.States,
        Extract: { ...Extract, Retry: [...(Extract?.Retry ?? []), { ErrorEquals: ['New'] }] } as typeof Extract &
          object,
        Lonely: { Type: 'Choice', Choices: [{ Next: 'Done' }], Default: 'Done' },
      },
    };
    const done = covered();
    expect(coveragePoints(more).filter((point) => !done.has(point))).toEqual([
      'Lonely',
      'Lonely -> default',
      'Lonely -> rule 1',
      'Extract, retrier 4: recovers',
      'Extract, retrier 4: is exhausted',
      'Extract, retrier 4: New',
    ]);
  });
});

describe('every alert', () => {
  interface Alert {
    readonly Subject: string;
    readonly Message: Readonly<Record<string, unknown>>;
  }
  const NOTIFY_STATES = Object.keys(DEFINITION.States).filter((name) => name.startsWith('Notify'));
  const sentAlerts = () =>
    SCENARIOS.flatMap(({ name }) => NOTIFY_STATES.flatMap((state) => (runOf(name).sent[state] ?? []) as Alert[]));

  test('has a subject that SNS takes: one line of at most 100 ASCII characters', () => {
    expect(sentAlerts().length).toBeGreaterThan(40);
    for (const { Subject } of sentAlerts()) expect(Subject).toMatch(/^[A-Za-z][ -~]{0,99}$/);
  });

  test('says what, what to do, the date, the run and where to look; nothing in it is empty', () => {
    for (const { Message } of sentAlerts()) {
      const { what, whatToDo, snapshotDate, runId, execution } = Message;
      expect([what, whatToDo, snapshotDate, runId, execution].every((text) => typeof text === 'string' && text)).toBe(
        true,
      );
      expect(whatToDo).toMatch(/runbook\.md#[a-z0-9-]+$/);
      expect(Object.values(Message)).not.toContain('');
    }
  });
});

describe('the history of the longest run allowed', () => {
  test('stays under the quota', () => {
    const visits = mostVisits(DEFINITION);
    expect([visits.Extract, visits.WaitForSpotify, visits.GetCrawler, visits.Publish]).toEqual([100, 100, 60, 1]);
    // 2 for the execution;
    // 100 rounds of CheckExtract, WaitForSpotify and CountRound, 2 each, and of Extract, 2 and 4 a call, 1 + 3 + 6 + 1 calls;
    // 60 polls of WaitForCrawler, CheckCrawler and CountPoll, 2 each, and of GetCrawler, 2 and 4 a call, 1 + 4 calls.
    const loops = 2 + 100 * (3 * 2 + 2 + 11 * 4) + 60 * (3 * 2 + 2 + 5 * 4);
    expect(loops).toBe(6882);
    expect(mostEvents(DEFINITION)).toBeGreaterThan(loops);
    expect(mostEvents(DEFINITION)).toBeLessThan(EVENTS_ALLOWED / 2);
  });

  test('a loop without a bound is refused', () => {
    const loop: Definition = {
      StartAt: 'A',
      TimeoutSeconds: 1,
      States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } },
    };
    expect(() => mostVisits(loop)).toThrow('0 bounds');
  });

  test('`A (B C)x2` is a path of five states', () => {
    expect(expandPath('A (B C)x2')).toEqual(['A', 'B', 'C', 'B', 'C']);
  });
});
