import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Definition } from '../../../statemachine/definition.ts';
import { mostEvents } from '../history-bound.ts';
import { readMockConfig } from '../mocks.ts';
import { differences, loadTestDefinition, type Observed, readScenarios, START_AT, startingAs } from '../scenarios.ts';

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

function exchangedDefinition(definition: Definition): Definition {
  const copy = structuredClone(definition) as unknown as { States: Record<string, Record<string, unknown>> };
  for (const { state, field, from, to } of exchanges.definition) {
    const found = copy.States[state];
    if (!found || found[field] !== from) throw new Error(`exchanges.json: ${state}.${field} is not ${from} any more`);
    found[field] = to;
  }
  return copy as unknown as Definition;
}

function interpret(python: string): Record<string, Result> {
  const definition = exchangedDefinition(loadTestDefinition());
  const machines = Object.fromEntries(
    (Object.keys(START_AT) as (keyof typeof START_AT)[]).map((name) => [name, startingAs(definition, name)]),
  );
  const cases = readScenarios().map(({ name, machine, input }) => ({ name, machine, input }));
  const folder = mkdtempSync(join(tmpdir(), 'scenarios-'));
  try {
    const job = join(folder, 'job.json');
    writeFileSync(job, JSON.stringify({ mockConfig: readMockConfig(), machines, cases }));
    const out = execFileSync(python, [here('drive.py'), job], { encoding: 'utf8', maxBuffer: 1e9, timeout: 600_000 });
    return JSON.parse(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function problemsOf(results: Record<string, Result>): string[][] {
  const definition = loadTestDefinition();
  const bound = mostEvents(definition);
  return readScenarios().map((scenario) => {
    const result = results[scenario.name];
    if (!result) return [`${scenario.name}: was not run`];
    const { error, cause, events } = result;
    const observed = { ...result, error: error ?? undefined, cause: cause ?? undefined, problems: [] };
    const found = differences(scenario, definition, observed).map((problem) => problem.slice(0, 2000));
    if (events > bound) found.push(`${events} events, more than the ${bound} that history-bound.ts reckons with`);
    if (!(scenario.name in exchanges.cases)) return found.map((problem) => `${scenario.name}: ${problem}`);
    return found.length > 0 ? [] : [`${scenario.name}: no longer differs, take it off exchanges.json`];
  });
}

const known = new Set(readScenarios().map(({ name }) => name));
const unknown = Object.keys(exchanges.cases).filter((name) => !known.has(name));
if (unknown.length > 0) throw new Error(`exchanges.json: there is no case ${unknown.join(', ')}`);
const results = problemsOf(interpret(process.argv[2] ?? 'python3'));
for (const problem of results.flat()) console.error(problem);
const failed = results.filter((problems) => problems.length > 0).length;
const skipped = Object.keys(exchanges.cases).length;
console.log(`LocalStack's interpreter: ${exchanges.definition.length} fields exchanged, see exchanges.json`);
console.log(`${results.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
