import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

let instance: Promise<DuckDBInstance> | undefined;

/** The rows of a Parquet file as DuckDB reads them, or only some columns of them; values as JSON text knows them. */
export async function readParquet(bytes: Uint8Array, columns = '*'): Promise<Record<string, unknown>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parquet-'));
  const file = join(folder, 'file.parquet');
  writeFileSync(file, bytes);
  instance ??= DuckDBInstance.create();
  const connection = await (await instance).connect();
  try {
    const reader = await connection.runAndReadAll(`select ${columns} from read_parquet('${file}')`);
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  }
}
