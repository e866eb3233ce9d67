import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allStates, type Definition } from '../../../statemachine/definition.ts';
import { mostEvents } from '../history-bound.ts';
import { type MockConfig, readMockConfig } from '../mocks.ts';
import { readRebuildMocks, readRebuildScenarios, rebuildMachines } from '../rebuild-machines.ts';
import {
  differences,
  loadTestDefinition,
  type Observed,
  readScenarios,
  type Scenario,
  START_AT,
  startingAs,
} from '../scenarios.ts';

/** `compare.ts PYTHON`: every case on LocalStack's interpreter, held against the table. Exits 1 for a difference. */

interface Exchanges {
  /** Fields that get another value in this engine's copy of the definition. */
  readonly definition: readonly { readonly state: string; readonly field: string; from: unknown; to: unknown }[];
  /** Cases whose outcome differs, with the reason. */
  readonly cases: Readonly<Record<string, string>>;
}

type Result = Omit<Observed, 'problems'> & { readonly error: string | null; cause: string | null; events: number };

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const exchanges: Exchanges = JSON.parse(readFileSync(here('exchanges.json'), 'utf8'));

/** Each table of cases, with its answers and the machines that it names. */
interface Table {
  readonly scenarios: readonly Scenario[];
  readonly mocks: MockConfig;
  readonly machines: Readonly<Record<string, Definition>>;
  /** Most events in a history, where it has been worked out. */
  readonly bound: number;
}

const pipeline = loadTestDefinition();
const TABLES: readonly Table[] = [
  {
    scenarios: readScenarios(),
    mocks: readMockConfig(),
    machines: Object.fromEntries(Object.keys(START_AT).map((name) => [name, startingAs(pipeline, name)])),
    bound: mostEvents(pipeline),
  },
  {
    scenarios: readRebuildScenarios(),
    mocks: readRebuildMocks(),
    machines: rebuildMachines(),
    bound: Number.POSITIVE_INFINITY,
  },
];

/** The machines of every table with the exchanged fields. An exchange that fits in none has no reason any more. */
function exchanged(machines: Table['machines']): Table['machines'] {
  const copies = structuredClone(machines);
  for (const definition of Object.values(copies)) {
    const states = allStates(definition) as unknown as Record<string, Record<string, unknown>>;
    for (const { state, field, to } of exchanges.definition) if (states[state]) states[state][field] = to;
  }
  return copies;
}

function refuseIdleExchanges() {
  for (const { state, field, from } of exchanges.definition) {
    for (const [name, definition] of TABLES.flatMap(({ machines }) => Object.entries(machines))) {
      const found = allStates(definition)[state] as Record<string, unknown> | undefined;
      if (found && found[field] !== from) throw new Error(`exchanges.json: ${name}: ${state}.${field} is not ${from}`);
    }
  }
}

function interpret(python: string, { scenarios, mocks, machines }: Table): Record<string, Result> {
  const cases = scenarios.map(({ name, machine, input }) => ({ name, machine, input }));
  const folder = mkdtempSync(join(tmpdir(), 'scenarios-'));
  try {
    const job = join(folder, 'job.json');
    writeFileSync(job, JSON.stringify({ mockConfig: mocks, machines: exchanged(machines), cases }));
    const out = execFileSync(python, [here('drive.py'), job], { encoding: 'utf8', maxBuffer: 1e9, timeout: 600_000 });
    return JSON.parse(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function problemsOf({ scenarios, machines, bound }: Table, results: Record<string, Result>): string[][] {
  return scenarios.map((scenario) => {
    const result = results[scenario.name];
    if (!result) return [`${scenario.name}: was not run`];
    const { error, cause, events } = result;
    const observed = { ...result, error: error ?? undefined, cause: cause ?? undefined, problems: [] };
    const definition = machines[scenario.machine] as Definition;
    const found = differences(scenario, definition, observed).map((problem) => problem.slice(0, 2000));
    if (events > bound) found.push(`${events} events, more than the ${bound} that history-bound.ts reckons with`);
    if (!(scenario.name in exchanges.cases)) return found.map((problem) => `${scenario.name}: ${problem}`);
    return found.length > 0 ? [] : [`${scenario.name}: no longer differs, take it off exchanges.json`];
  });
}

const known = new Set(TABLES.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)));
const unknown = Object.keys(exchanges.cases).filter((name) => !known.has(name));
if (unknown.length > 0) throw new Error(`exchanges.json: there is no case ${unknown.join(', ')}`);
refuseIdleExchanges();
const python = process.argv[2] ?? 'python3';
const results = TABLES.flatMap((table) => problemsOf(table, interpret(python, table)));
for (const problem of results.flat()) console.error(problem);
const failed = results.filter((problems) => problems.length > 0).length;
const skipped = Object.keys(exchanges.cases).length;
console.log(`LocalStack's interpreter: ${exchanges.definition.length} fields exchanged, see exchanges.json`);
console.log(`${results.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
