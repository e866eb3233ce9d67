import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Definition } from '../../statemachine/definition.ts';
import { requiredPermissions } from '../../statemachine/permissions.ts';
import { RULES } from './dialect.ts';
import { runEmbedded } from './embedded.ts';
import { readMockConfig } from './mocks.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { differences, expandPath, loadTestDefinition, readScenarios, type Scenario } from './scenarios.ts';

const DEFINITION = loadTestDefinition();
const MOCKS = readMockConfig();

// The engine's path reader makes an Error a lookup; without its stack, a run takes half the time.
const stackTraceLimit = Error.stackTraceLimit;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

const actions = (definition: Definition) => requiredPermissions(definition).map(({ state, action }) => state + action);

/** Whether the lint or the computed permissions see the fault: no run is needed then. */
function isSeen({ definition }: Mutant): boolean {
  return (
    Object.values(RULES).some((rule) => rule(definition).length > 0) ||
    actions(definition).join() !== actions(DEFINITION).join()
  );
}

/** The answers that a case gives to the Task at a state or the last one before it, if they are not the usual ones. */
function isUnusual({ machine, name, expect: { path } }: Scenario, state: string): boolean {
  const answers = (of: string) => MOCKS.StateMachines[machine]?.TestCases[of] ?? {};
  const names = expandPath(path);
  const task = names.slice(0, names.indexOf(state) + 1).findLast((one) => one in answers(name)) ?? '';
  return answers(name)[task] !== answers('WeeklyRun')[task];
}

/** What a good run shows to be wrong in what it sends and ends with. */
const DATA = ['Parameters', 'ResultSelector', 'Result', 'ResultPath'];

/** The cases that enter the state, those first that are likely to tell, short ones before long ones. */
function casesFor({ state, field = '' }: Mutant, scenarios: readonly Scenario[]): Scenario[] {
  const rank = (scenario: Scenario) => {
    const isLikely = DATA.includes(field) ? scenario.expect.output : state !== undefined && isUnusual(scenario, state);
    return (isLikely ? 0 : 1000) + expandPath(scenario.expect.path).length;
  };
  return scenarios
    .filter(({ expect: { path } }) => state === undefined || expandPath(path).includes(state))
    .map((scenario) => ({ scenario, at: rank(scenario) }))
    .sort((a, b) => a.at - b.at)
    .map(({ scenario }) => scenario);
}

/** Finds a case that goes another way than its table says. The order of the cases is made up once a field. */
function createHunt(scenarios: readonly Scenario[]) {
  const orders = new Map<string, Scenario[]>();
  return async (mutant: Mutant): Promise<Scenario | undefined> => {
    const place = `${mutant.state}.${mutant.field}`;
    const order = orders.get(place) ?? casesFor(mutant, scenarios);
    orders.set(place, order);
    for (const scenario of order) {
      const run = await runEmbedded(mutant.definition, scenario, MOCKS);
      if (differences(scenario, DEFINITION, run).length > 0) return scenario;
    }
    return undefined;
  };
}

test('every fault in the definition is caught, by the lint, the permissions or a case', async () => {
  const mutants = mutantsOf(DEFINITION);
  expect(mutants.length).toBeGreaterThan(400);
  const hunt = createHunt(readScenarios());
  const survivors: string[] = [];
  const queue = mutants.filter((mutant) => !isSeen(mutant)).values();
  // Several at once, since a run mostly waits for timers of a millisecond.
  const worker = async () => {
    for (const mutant of queue) if (!(await hunt(mutant))) survivors.push(mutant.name);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  expect(survivors).toEqual([]);
}, 60_000);

test('the kinds that have hurt pipelines of this sort are among them', () => {
  const names = mutantsOf(DEFINITION).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(
    expect.arrayContaining([
      'the machine: no TimeoutSeconds',
      'Extract: TimeoutSeconds left out',
      'Transform: Catch left out',
      'StartCrawler: Retry.0 left out',
      'StartCrawler: Retry 0 and 1 swapped',
      'Publish: Retry.1.ErrorEquals.0 misspelt',
      'CheckValidation: Choices.0.Not is StringEquals',
      'CheckExtract: Choices 0 and 1 swapped',
      'WaitForSpotify: TimestampPath is "$.retryAt"',
      'GetCrawler: ResultPath is "$.crawler2"',
      'Failed: CausePath left out',
      'Validate: Resource is "arn:aws:states:::athena:startQueryExecution"',
    ]),
  );
});

test('a fault that no case looks at survives', async () => {
  const hunt = createHunt(readScenarios().filter(({ name }) => name === 'WeeklyRun'));
  const mutants = mutantsOf(DEFINITION).filter(({ name }) => name.startsWith('Validate: Retry.0 left out'));
  expect(mutants).toHaveLength(1);
  for (const mutant of mutants) expect(await hunt(mutant)).toBeUndefined();
});
