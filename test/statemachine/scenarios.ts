import { readFileSync } from 'node:fs';
import { allStates, type Definition, loadDefinition, readStateMachineFile } from '../../statemachine/definition.ts';

/** What a case asks of every engine: `scenarios.json` beside the answers in `MockConfigFile.json`. */
export interface Scenario {
  readonly name: string;
  /** Whole machine, or only the part after a catcher, for what a mocked error cannot bring about. */
  readonly machine: string;
  readonly about?: string;
  readonly input: unknown;
  readonly expect: {
    readonly status: 'SUCCEEDED' | 'FAILED';
    readonly error?: string;
    readonly cause?: string;
    /** State names in the order they are entered; `(A B)x3` stands for A B A B A B. A retry enters nothing. */
    readonly path: string;
    /** Calls of a Task state, where they are not one each time it is entered. */
    readonly calls?: Readonly<Record<string, number>>;
    /** What the last call of a state sends, all of it. `{name}` is filled in from the run and its substitutions. */
    readonly sent?: Readonly<Record<string, unknown>>;
    /** All of the execution's output, filled in likewise. */
    readonly output?: unknown;
  };
}

/** The state that each machine starts at, when it is not the definition's own. */
export const START_AT: Readonly<Record<string, string | undefined>> = {
  PlaylistLake: undefined,
  PlaylistLakeFailurePath: 'CheckCause',
};

/** What an engine did with a case. */
export interface Observed {
  readonly status: string;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly output?: unknown;
  readonly path: readonly string[];
  /** What each call of a Task state sent, oldest first. */
  readonly sent: Readonly<Record<string, readonly unknown[]>>;
  readonly executionArn: string;
  /** Whatever else went wrong; nothing in a good run. */
  readonly problems: readonly string[];
}

const SUBSTITUTIONS = {
  PrepareFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:prepare',
  ExtractFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:extract',
  TransformFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:transform',
  PublishFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:publish',
  CrawlerName: 'playlist-lake',
  WorkGroup: 'playlist-lake',
  StagingDatabase: 'playlist_lake_staging',
  AlertTopicArn: 'arn:aws:sns:us-east-1:000000000000:playlist-lake',
  ExecutionUrlPrefix: 'https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/',
  RunbookUrl: 'https://example.com/docs/runbook.md',
};

export const loadTestDefinition = (): Definition => loadDefinition(SUBSTITUTIONS);

export function readScenarios(file = 'scenarios.json'): Scenario[] {
  const table = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Record<
    string,
    Omit<Scenario, 'name' | 'machine'> & { machine?: string }
  >;
  return Object.entries(table).map(([name, scenario]) => ({ name, machine: 'PlaylistLake', ...scenario }));
}

/** The definition as one of the machines starts it. */
export const startingAs = (definition: Definition, machine: string): Definition => ({
  ...definition,
  StartAt: START_AT[machine] ?? definition.StartAt,
});

/** `A (B C)x2` as A, B, C, B, C. */
export const expandPath = (path: string): string[] =>
  path
    .replace(/\(([^)]*)\)x(\d+)/g, (_, part: string, times: string) => `${part} `.repeat(Number(times)))
    .split(' ')
    .filter((name) => name !== '');

/** In how far a run is not as the table says; nothing when it is. */
export function differences({ expect }: Scenario, definition: Definition, observed: Observed): string[] {
  const path = expandPath(expect.path);
  const calls = (state: string) => observed.sent[state]?.length ?? 0;
  const states = allStates(definition);
  const tasks = Object.keys(states).filter((name) => states[name]?.Type === 'Task');
  return [
    ...observed.problems,
    ...difference('status', expect.status, observed.status),
    ...difference('error', expect.error, observed.error),
    ...(expect.cause === undefined ? [] : difference('cause', expect.cause, observed.cause)),
    ...difference('path', path.join(' '), observed.path.join(' ')),
    ...tasks.flatMap((state) => {
      const expected = expect.calls?.[state] ?? path.filter((name) => name === state).length;
      return difference(`calls of ${state}`, expected, calls(state));
    }),
    ...('output' in expect ? difference('output', fillIn(expect.output, observed), observed.output) : []),
    ...Object.entries(expect.sent ?? {}).flatMap(([state, expected]) =>
      difference(`what ${state} sends`, fillIn(expected, observed), observed.sent[state]?.at(-1)),
    ),
  ];
}

const difference = (what: string, expected: unknown, observed: unknown): string[] =>
  sortedJson(expected) === sortedJson(observed)
    ? []
    : [`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(observed)}`];

/** Values that are equal as JSON, whatever the order of their keys, give the same text. */
const sortedJson = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, child: unknown) =>
    child !== null && typeof child === 'object' && !Array.isArray(child)
      ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1)))
      : child,
  );

let query: string | undefined;
const validationQuery = (): string => {
  query ??= readStateMachineFile('validation.sql');
  return query;
};

/** `{name}` in every string of what is expected becomes what it was in this run. */
function fillIn(expected: unknown, { executionArn, sent }: Observed): unknown {
  // The first call that is told of the start: of the weekly machine, of the rebuild.
  const prepare = (sent.Prepare ?? sent.TransformDates)?.[0] as { Payload?: { startedAt?: string } } | undefined;
  const startedAt = prepare?.Payload?.startedAt ?? '';
  const values: Record<string, string> = {
    ...SUBSTITUTIONS,
    ValidationQuery: validationQuery(),
    executionArn,
    runId: executionArn.split(':').at(-1) ?? '',
    startedAt,
    startDate: startedAt.slice(0, 10),
  };
  const text = JSON.stringify(expected).replace(/(?<!\$)\{(\w+)\}/g, (whole, name: string) =>
    values[name] === undefined ? whole : JSON.stringify(values[name]).slice(1, -1),
  );
  return JSON.parse(text);
}
