import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { READERS_DATABASE, STAGING_DATABASE } from '../../reader-views.ts';
import { athenaCsv, parseAthenaCsv } from './csv.ts';
import { type AthenaEngine, type AthenaQuery, openEngine } from './engine.ts';

/** The parameters of `arn:aws:states:::athena:startQueryExecution.sync` that the machine uses. */
export interface StartQueryExecution {
  readonly QueryString: string;
  readonly WorkGroup?: string;
  readonly QueryExecutionContext: { readonly Database: string };
  /** SQL literals, one for each `?`. */
  readonly ExecutionParameters?: readonly string[];
}

/** What Step Functions shows when the query has ended, without the times and statistics. */
export interface QueryExecutionResponse {
  readonly QueryExecution: StartQueryExecutionEcho & {
    readonly QueryExecutionId: string;
    readonly ResultConfiguration: { readonly OutputLocation: string };
    readonly StatementType: 'DML';
    readonly Status: { readonly State: 'SUCCEEDED' | 'FAILED'; readonly StateChangeReason?: string };
  };
}

type StartQueryExecutionEcho = Omit<StartQueryExecution, 'QueryString'> & { readonly Query: string };

/** The first row is the header. A null has no VarCharValue. */
export interface QueryResultsResponse {
  readonly ResultSet: { readonly Rows: readonly { readonly Data: readonly { readonly VarCharValue?: string }[] }[] };
}

export interface LocalAthena extends AthenaEngine {
  /**
   * Runs a query to its end and keeps the result as `athena-results/ID.csv` in the lake.
   *
   * @throws `States.TaskFailed` when the query fails; its message is the Cause.
   */
  startQueryExecutionSync(request: StartQueryExecution): Promise<QueryExecutionResponse>;
  /** @throws `Athena.InvalidRequestException` for an id without a result. */
  getQueryResults(request: { QueryExecutionId: string; MaxResults?: number }): Promise<QueryResultsResponse>;
}

const namedError = (name: string, message: string, cause: unknown): Error =>
  Object.assign(new Error(message, { cause }), { name });

const resultKey = (id: string): string => `athena-results/${id}.csv`;

function databaseOf({ QueryExecutionContext: { Database } }: StartQueryExecution): AthenaQuery['database'] {
  if (Database === READERS_DATABASE || Database === STAGING_DATABASE) return Database;
  throw new Error(`SCHEMA_NOT_FOUND: Schema '${Database}' does not exist`);
}

function describe(
  id: string,
  { QueryString, ...request }: StartQueryExecution,
  Status: QueryExecutionResponse['QueryExecution']['Status'],
): QueryExecutionResponse {
  const ResultConfiguration = { OutputLocation: resultKey(id) };
  return {
    QueryExecution: {
      QueryExecutionId: id,
      Query: QueryString,
      ...request,
      ResultConfiguration,
      StatementType: 'DML',
      Status,
    },
  };
}

/**
 * Athena on this machine: SQL over the lake, and the two Athena tasks of the state machine. A query that fails ends its
 * task as a failed job does in the other `.sync` integrations: the error is `States.TaskFailed`, the Cause is what the
 * service says of the job, as JSON. No recorded failure of a query was found to hold this against.
 * Sources: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (States.TaskFailed);
 * LocalStack's `state_task_service_glue.py` for the Cause;
 * https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html for its shape.
 */
export async function openAthena(options: { lakeDir: string; newId: () => string }): Promise<LocalAthena> {
  const { lakeDir, newId } = options;
  const engine = await openEngine(lakeDir);

  const execute = async (id: string, request: StartQueryExecution): Promise<void> => {
    const { QueryString: sql, ExecutionParameters: parameters = [] } = request;
    const result = await engine.query({ sql, database: databaseOf(request), parameters });
    const path = join(lakeDir, resultKey(id));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, athenaCsv(result));
  };

  return {
    ...engine,

    async startQueryExecutionSync(request) {
      const id = newId();
      try {
        await execute(id, request);
      } catch (error) {
        const StateChangeReason = Error.isError(error) ? error.message : String(error);
        const failed = describe(id, request, { State: 'FAILED', StateChangeReason });
        throw namedError('States.TaskFailed', JSON.stringify(failed), error);
      }
      return describe(id, request, { State: 'SUCCEEDED' });
    },

    async getQueryResults({ QueryExecutionId: id, MaxResults = 1000 }) {
      const csv = await readFile(join(lakeDir, resultKey(id)), 'utf8').catch((cause: unknown) => {
        throw namedError('Athena.InvalidRequestException', `QueryExecution ${id} was not found`, cause);
      });
      const rows = parseAthenaCsv(csv).slice(0, MaxResults);
      const data = rows.map((row) => row.map((field) => (field === null ? {} : { VarCharValue: field })));
      return { ResultSet: { Rows: data.map((Data) => ({ Data })) } };
    },
  };
}
