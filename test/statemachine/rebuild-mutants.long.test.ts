import { expect, test } from '@jest/globals';
import { allStates, type Definition } from '../../statemachine/definition.ts';
import { requiredPermissions } from '../../statemachine/permissions.ts';
import { RULES } from './dialect.ts';
import { runEmbedded } from './embedded.ts';
import { mutantsOf } from './mutants.ts';
import { readRebuildMocks, readRebuildScenarios, rebuildMachines } from './rebuild-machines.ts';
import { differences, expandPath } from './scenarios.ts';

const MACHINES = rebuildMachines();
const SCENARIOS = readRebuildScenarios();
const MOCKS = readRebuildMocks();

/** The states of the innermost map of a batch, as a definition, and the way back. */
function unwrapped(machine: Definition): { inner: Definition; wrap: (inner: Definition) => Definition } {
  const [name = '', batch] = Object.entries(machine.States).find(([, { ItemProcessor }]) => ItemProcessor) ?? [];
  if (!batch?.ItemProcessor) return { inner: machine, wrap: (inner) => inner };
  const { ItemProcessor } = batch;
  return {
    inner: { ...ItemProcessor, TimeoutSeconds: machine.TimeoutSeconds },
    wrap: ({ StartAt, States }) => ({
      ...machine,
      States: { ...machine.States, [name]: { ...batch, ItemProcessor: { ...ItemProcessor, StartAt, States } } },
    }),
  };
}

const actions = (definition: Definition) => requiredPermissions(definition).map(({ state, action }) => state + action);

test.each(Object.entries(MACHINES))(
  '%s: every fault is caught by the lint, the permissions or a case',
  async (name, machine) => {
    const { inner, wrap } = unwrapped(machine);
    const survivors: string[] = [];
    expect(mutantsOf(inner).length).toBeGreaterThan(70);
    for (const mutant of mutantsOf(inner)) {
      const definition = wrap(mutant.definition);
      const flat = { ...definition, States: allStates(definition) };
      if (mutant.definition.TimeoutSeconds === 0 || Object.values(RULES).some((rule) => rule(flat).length > 0))
        continue;
      if (actions(definition).join() !== actions(machine).join()) continue;
      const cases = SCENARIOS.filter(
        ({ machine: of, expect: { path } }) =>
          of === name && (!mutant.state || expandPath(path).includes(mutant.state)),
      ).sort((a, b) => a.expect.path.length - b.expect.path.length);
      let isCaught = false;
      for (const scenario of cases) {
        const run = await runEmbedded(definition, scenario, MOCKS);
        isCaught = differences(scenario, machine, run).length > 0;
        if (isCaught) break;
      }
      if (!isCaught) survivors.push(mutant.name);
    }
    expect(survivors).toEqual([]);
  },
  120_000,
);
