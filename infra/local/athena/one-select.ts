import type { DuckDBConnection } from '@duckdb/node-api';
import * as z from 'zod';
import { SqlError } from './sql-error.ts';

const parsedSchema = z.object({
  error: z.boolean(),
  error_type: z.string().optional(),
  error_message: z.string().optional(),
  statements: z.array(z.unknown()).default([]),
});

/** The nodes of all functions that stand in a FROM, anywhere in a parse tree. */
function tableFunctions(node: unknown): object[] {
  if (typeof node !== 'object' || node === null) return [];
  const deeper = Object.values(node).flatMap(tableFunctions);
  return 'type' in node && node.type === 'TABLE_FUNCTION' ? [node, ...deeper] : deeper;
}

const tableFunctionSchema = z.object({ function: z.object({ function_name: z.string() }) });

// Trino knows no other function in FROM that makes sense here; DuckDB has dozens, for files, settings and logs.
function assertTablesOnly(statements: unknown[]): void {
  for (const node of tableFunctions(statements)) {
    const name = tableFunctionSchema.parse(node).function.function_name;
    if (name.toLowerCase() === 'unnest') continue;
    throw new SqlError(`a query may only read the tables of the lake, not ${name}(…)`);
  }
}

/**
 * Only the parser may see a statement before it is known to be one SELECT over tables: DuckDB's `prepare` alone makes
 * the folder of an EXPORT DATABASE, and binding `enable_logging` ends the process. A text that does not parse passes,
 * since `prepare` says best what is wrong with it.
 *
 * @throws SqlError for anything but one SELECT over tables, views and UNNEST.
 */
export async function assertOneSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const answer = await connection.runAndReadAll('SELECT json_serialize_sql(CAST(? AS VARCHAR))', [sql]);
  const parsed = parsedSchema.parse(JSON.parse(String(answer.getRows()[0]?.[0])));
  if (parsed.error_type === 'parser') return;
  if (parsed.error) throw new SqlError('only SELECT is possible here', { cause: parsed.error_message });
  const { statements } = parsed;
  if (statements.length === 0) throw new SqlError('there is no statement');
  if (statements.length > 1) throw new SqlError(`one statement at a time, this is ${statements.length}`);
  assertTablesOnly(statements);
}
