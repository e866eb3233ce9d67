import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** The rows of a Parquet file as DuckDB reads them, values as JSON text knows them. */
export async function readParquet(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'parquet-')), 'file.parquet');
  writeFileSync(file, bytes);
  const connection = await (await DuckDBInstance.create()).connect();
  try {
    const reader = await connection.runAndReadAll(`select * from read_parquet('${file}')`);
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
  }
}
