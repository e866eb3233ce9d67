import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  type ResultSet,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { formatResult, RESULT_FORMATS } from '../local/result-format.ts';
import { queryResult } from './athena-result.ts';
import { type Context, defineCommand, main, warn } from './command.ts';
import { CommandError, UsageError } from './command-error.ts';
import { requireStack, STACK_CALLS } from './stack.ts';

/** Athena's own limit for a query that reads. */
const LONGEST_QUERY_MS = 30 * 60_000;
const FIRST_POLL_MS = 300;
const LONGEST_POLL_MS = 3000;
/** Athena bills at least this much of a query. Source: https://aws.amazon.com/athena/pricing/ */
const LEAST_BILLED = 10_000_000;

/** `npm run query -- --aws`: the same question to the lake on AWS, the same form of answer. */
export const queryOnAws = defineCommand({
  name: 'npm run query -- --aws',
  summary: 'Answers one SELECT over the published snapshots of the lake on AWS, by Athena.',
  usage: `[options] "SELECT …"

  --format FORMAT  ${RESULT_FORMATS.join(', ')} (default table)

What it scanned is said on stderr: Athena bills 5 USD a TB, and at least 10 MB a query. The workgroup stops a query
that would scan too much. Ctrl-C stops the query too.
`,
  options: { aws: { type: 'boolean' }, format: { type: 'string', default: 'table' } },
  endsAtInterrupt: true,
  takesWords: true,
  permissions: {
    calls: [
      ...STACK_CALLS,
      'athena:StartQueryExecution',
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StopQueryExecution',
    ],
    also: [
      'Athena reads in your name: athena:GetDataCatalog; glue:GetDatabase, GetTable, GetPartition, GetPartitions, BatchGetPartition;',
      's3:GetBucketLocation, ListBucket, GetObject on the lake; s3:PutObject, GetObject on its athena-results/.',
      'With customerKey also kms:Decrypt and kms:GenerateDataKey; with lakeFormation lakeformation:GetDataAccess.',
    ],
  },
  async run(values, context, words) {
    const format = RESULT_FORMATS.find((known) => known === values.format);
    if (!format) throw new UsageError(`Unknown format ${values.format}: use ${RESULT_FORMATS.join(', ')}.`);
    const sql = oneReadingStatement(words);
    const { outputs } = await requireStack(context, 'WorkGroupName', 'ReadersDatabaseName');
    const client = new AthenaClient(context.settings);
    const { QueryExecutionId = '' } = await client.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        WorkGroup: outputs.WorkGroupName,
        QueryExecutionContext: { Database: outputs.ReadersDatabaseName },
      }),
    );
    const ended = await untilEnded(client, QueryExecutionId, context);
    tellCost(ended, context);
    const pages = await allPages(client, QueryExecutionId);
    context.stdout.write(formatResult(queryResult(pages), format));
    return 0;
  },
});

/** The local engine reads only; with a person's own rights Athena would also drop a table. It takes one statement. */
function oneReadingStatement(words: readonly string[]): string {
  const [sql = '', ...more] = words;
  const example = 'npm run query -- --aws "SELECT count(*) FROM tracks"';
  if (more.length > 0) throw new UsageError(`One query, please: put all of it in one pair of quotes, as in ${example}`);
  const bare = sql.replace(/^(?:\s+|--[^\n]*\n?|\/\*[\s\S]*?\*\/|\()+/, '');
  if (bare === '') throw new UsageError(`There is no SQL: write it in quotes, as in ${example}`);
  if (!/^(?:select|with|values|table|show|describe|desc|explain)\b/i.test(bare)) {
    throw new CommandError('SQL error: a query may only read: begin it with SELECT or WITH');
  }
  return sql;
}

async function untilEnded(client: AthenaClient, id: string, context: Context): Promise<QueryExecution> {
  const start = context.now().getTime();
  let pause = FIRST_POLL_MS;
  for (;;) {
    const { QueryExecution: query = {} } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
    const { State, StateChangeReason = 'no reason was given' } = query.Status ?? {};
    if (State === 'SUCCEEDED') return query;
    if (State === 'CANCELLED') throw new CommandError(`The query was stopped: ${StateChangeReason}`);
    if (State === 'FAILED') throw new CommandError(`SQL error: ${StateChangeReason}`);
    const isLate = context.now().getTime() - start > LONGEST_QUERY_MS;
    if (context.interrupt.aborted || isLate) {
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
      throw new CommandError(isLate ? 'The query took more than 30 minutes and was stopped.' : 'Stopped.');
    }
    await context.sleep(pause);
    pause = Math.min(pause * 1.5, LONGEST_POLL_MS);
  }
}

async function allPages(client: AthenaClient, id: string): Promise<ResultSet[]> {
  const pages: ResultSet[] = [];
  let token: string | undefined;
  do {
    const { ResultSet: page = {}, NextToken } = await client.send(
      new GetQueryResultsCommand({ QueryExecutionId: id, MaxResults: 1000, NextToken: token }),
    );
    pages.push(page);
    token = NextToken;
  } while (token);
  return pages;
}

/** On stderr, so that the answer can go to another program. */
function tellCost({ Statistics = {} }: QueryExecution, context: Context): void {
  const { DataScannedInBytes: scanned = 0, TotalExecutionTimeInMillis: took = 0 } = Statistics;
  const reused = Statistics.ResultReuseInformation?.ReusedPreviousResult ? ', an earlier result' : '';
  const billed = scanned > 0 && scanned < LEAST_BILLED ? ' (billed as 10 MB)' : '';
  warn(context, `Scanned ${size(scanned)}${billed} in ${(took / 1000).toFixed(1)} s${reused}.`);
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(0)} KB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}

if (import.meta.main) await main(queryOnAws);
