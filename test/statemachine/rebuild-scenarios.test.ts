import { beforeAll, expect, test } from '@jest/globals';
import { readRebuildDefinition } from '../../statemachine/definition.ts';
import { coveragePoints, coveredPoints, withMarks, withoutMarks } from './coverage.ts';
import { type EmbeddedRun, runEmbedded } from './embedded.ts';
import { EVENTS_ALLOWED, mostEvents } from './history-bound.ts';
import { answersInOrder } from './mocks.ts';
import { readRebuildMocks, readRebuildScenarios, rebuildMachines } from './rebuild-machines.ts';
import { differences } from './scenarios.ts';

/** The rebuild machine by the same method as the weekly one: a table of cases, with the answers beside it. */
const MACHINES = rebuildMachines();
const SCENARIOS = readRebuildScenarios();
const MOCKS = readRebuildMocks();
const machineOf = (name: string) => MACHINES[name as keyof typeof MACHINES];
const runs = new Map<string, EmbeddedRun>();

beforeAll(async () => {
  for (const scenario of SCENARIOS) {
    runs.set(scenario.name, await runEmbedded(withMarks(machineOf(scenario.machine)), scenario, MOCKS));
  }
});
const runOf = (name: string): EmbeddedRun => runs.get(name) as EmbeddedRun;

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
  expect(differences(scenario, machineOf(scenario.machine), withoutMarks(runOf(name)))).toEqual([]);
});

test('the table and the answers name the same cases, and every answer is used to its last', () => {
  const answered = Object.entries(MOCKS.StateMachines).flatMap(([machine, { TestCases }]) =>
    Object.keys(TestCases).map((name) => `${machine}#${name}`),
  );
  expect(answered.sort()).toEqual(SCENARIOS.map(({ machine, name }) => `${machine}#${name}`).sort());
  const calls = new Map<string, number>();
  for (const { machine, name } of SCENARIOS) {
    for (const [state, id] of Object.entries(MOCKS.StateMachines[machine]?.TestCases[name] ?? {})) {
      calls.set(id, Math.max(calls.get(id) ?? 0, runOf(name).sent[state]?.length ?? 0));
    }
  }
  const given = Object.entries(MOCKS.MockedResponses).map(([id, numbered]) => [id, answersInOrder(numbered).length]);
  expect(Object.fromEntries(calls)).toEqual(Object.fromEntries(given));
});

test.each(Object.entries(MACHINES))(
  '%s: every state, rule, default, catcher and retrier is exercised',
  (name, machine) => {
    const done = new Set(
      SCENARIOS.filter((scenario) => scenario.machine === name).flatMap((scenario) =>
        coveredPoints(machine, runOf(scenario.name)),
      ),
    );
    expect(coveragePoints(machine).filter((point) => !done.has(point))).toEqual([]);
  },
);

test('no history outgrows what AWS allows: of the machine, and of a batch with every retry of every date', () => {
  expect(mostEvents(MACHINES.Rebuild)).toBeLessThan(EVENTS_ALLOWED / 2);
  const definition = readRebuildDefinition();
  for (const [name, machine] of [
    ['TransformDates', MACHINES.RebuildTransform],
    ['PublishDates', MACHINES.RebuildPublish],
  ] as const) {
    const { ItemBatcher } = definition.States[name] as unknown as { ItemBatcher: { MaxItemsPerBatch: number } };
    const ofDate = mostEvents({ ...machine, ...Object.values(machine.States)[0]?.ItemProcessor });
    expect(ItemBatcher.MaxItemsPerBatch * ofDate).toBeLessThan(EVENTS_ALLOWED / 2);
  }
});
