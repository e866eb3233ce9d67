import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

let instance: Promise<DuckDBInstance> | undefined;

/** The rows of a Parquet file as DuckDB reads them, or only some columns of them; values as JSON text knows them. */
export const readParquet = (bytes: Uint8Array, columns = '*'): Promise<Record<string, unknown>[]> =>
  query(bytes, (file) => `select ${columns} from read_parquet('${file}')`);

/** What the footer of a Parquet file says, as DuckDB's parquet_metadata gives it: one row a row group and column. */
export const readFooter = (bytes: Uint8Array, columns: string): Promise<Record<string, unknown>[]> =>
  query(bytes, (file) => `select ${columns} from parquet_metadata('${file}') order by row_group_id, column_id`);

async function query(bytes: Uint8Array, sqlOf: (file: string) => string): Promise<Record<string, unknown>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parquet-'));
  const file = join(folder, 'file.parquet');
  writeFileSync(file, bytes);
  instance ??= DuckDBInstance.create();
  const connection = await (await instance).connect();
  try {
    const reader = await connection.runAndReadAll(sqlOf(file));
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  }
}
