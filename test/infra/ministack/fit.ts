import { readFileSync, writeFileSync } from 'node:fs';
import { allStates, type Definition } from '../../../statemachine/definition.ts';

/**
 * What the emulator cannot do, and what is done about it. Everything else of the template is deployed as it stands.
 *
 * - `AWS::Athena::NamedQuery` is unknown to its CloudFormation: taken out. The saved queries are parsed by a test with
 *   Trino's grammar.
 * - `athena:startQueryExecution.sync` and `getQueryResults` are missing from its Step Functions: the two states become
 *   Pass states with the answer of a run without a fault. The query itself is run by DuckDB in `npm test`.
 * - Alarms on an expression are refused by its CloudFormation: they become alarms on the first metric of the expression.
 *   The expressions are held by the template's tests; nothing here evaluates them.
 * - Its Step Functions shows Glue's times as seconds, AWS's as ISO 8601: the look whether the crawl is younger than the
 *   data only asks that there was one. The local run's tests look at the times.
 * - Its Distributed Map has no batches and writes no results: `rebuild.ts` does what is needed.
 * - It names every error of a function Runtime.HandlerError, so no Retry by name is taken: the scenarios of the local
 *   run take them.
 * - It enforces no IAM policy, no lifecycle and no bucket policy, encrypts nothing and fires no alarm: permissions have
 *   their own test, the rest stands in the golden template.
 * - It confirms every e-mail at once: what is said of one that is not confirmed has tests of its own.
 * - Its crawler registers no partition: the local catalogue's tests do.
 */
const UNKNOWN_TYPES = ['AWS::Athena::NamedQuery'];

interface Properties extends Record<string, unknown> {
  Environment?: { Variables: Record<string, unknown> };
  /** Of an alarm on an expression. */
  Metrics?: { MetricStat?: { Metric: object; Period: number; Stat: string } }[];
}

interface Template {
  Resources: Record<string, { Type: string; Properties?: Properties }>;
}

/** Takes out what the emulator does not know and points Extract to a stand-in of Spotify. */
export function fitForEmulator(templateFile: string, spotifyUrl: string): void {
  const template = JSON.parse(readFileSync(templateFile, 'utf8')) as Template;
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (UNKNOWN_TYPES.includes(Type)) delete template.Resources[id];
    if (Properties?.Metrics) onFirstMetric(Properties);
    const variables = Properties?.Environment?.Variables;
    if (variables && 'SPOTIFY_SECRET_ARN' in variables) {
      Object.assign(variables, { SPOTIFY_API_URL: spotifyUrl, SPOTIFY_ACCOUNTS_URL: spotifyUrl });
    }
  }
  writeFileSync(templateFile, JSON.stringify(template));
}

function onFirstMetric(alarm: Properties) {
  const { Metric, Period, Stat } = alarm.Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat ?? {};
  delete alarm.Metrics;
  delete alarm.EvaluationWindow;
  Object.assign(alarm, Metric, { Period, Statistic: Stat });
}

/** The definition without what the emulator's Step Functions lacks; Athena finds no violation. */
export function fitDefinition(definition: string): string {
  const machine = JSON.parse(definition, withoutTimes) as Definition;
  const states = allStates(machine) as unknown as Record<string, Record<string, unknown>>;
  const replace = (name: string, ResultPath: string, Result: object) => {
    const state = states[name] ?? {};
    const { Next } = state;
    for (const field of Object.keys(state)) delete state[field];
    Object.assign(state, { Type: 'Pass', Result, ResultPath, Next });
  };
  replace('Validate', '$.validate', { queryExecutionId: 'none' });
  replace('GetValidation', '$.validation', { violations: 0, found: 'none', severity: 'none' });
  return JSON.stringify(machine);
}

const withoutTimes = (_: string, value: { Variable?: string; TimestampGreaterThanEqualsPath?: string } | null) =>
  value?.TimestampGreaterThanEqualsPath ? { Variable: value.Variable, IsPresent: true } : value;
