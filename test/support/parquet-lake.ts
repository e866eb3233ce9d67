import { mkdirSync, mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { partKey, publicationKey, type RunPlace } from '../../functions/domain/lake-paths.ts';
import { listSchema } from '../../functions/domain/parquet-list.ts';
import { type Column, type ColumnType, TABLE_NAMES, TABLES, type TableName } from '../../functions/domain/tables.ts';
import { findPartitions, registerPartitions } from '../../infra/local/glue/partitions.ts';

/** Rows of a lake in a test: columns left out are null, whatever the contract says. */
export type LooseRow = Record<string, string | number | boolean | Date | null | readonly (string | null)[]>;
export type LooseTables = { [T in TableName]?: LooseRow[] };

const PARQUET_TYPES = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const satisfies Record<Exclude<ColumnType, 'strings'>, object>;

/** The list itself may be null too, as every column may here. */
const schemaOf = ({ name, type }: Column) => {
  if (type !== 'strings') return [{ name, repetition_type: 'OPTIONAL' as const, ...PARQUET_TYPES[type] }];
  const [list, ...inner] = listSchema(name);
  return [{ ...list, name, repetition_type: 'OPTIONAL' as const }, ...inner];
};

/** An empty folder that is removed after the tests of the block that asks for it. */
export function temporaryFolder(name = 'lake'): string {
  const parent = mkdtempSync(join(tmpdir(), 'playlist-lake-'));
  afterAll(() => rm(parent, { recursive: true, force: true }));
  const folder = join(parent, name);
  mkdirSync(folder);
  return folder;
}

/** Writes a file with its folders; `key` is relative to the lake. */
export async function putFile(lakeDir: string, key: string, content: string | Uint8Array): Promise<void> {
  const path = join(lakeDir, key);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** A Parquet file with the types that the transform writes, but every column may be null. */
export function parquetBytes(columns: readonly Column[], rows: readonly LooseRow[]): Uint8Array {
  const bytes = parquetWriteBuffer({
    schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(schemaOf)],
    columnData: columns.map(({ name }) => ({ name, data: rows.map((row) => row[name] ?? null) })),
  });
  return new Uint8Array(bytes);
}

/** Writes one table of a run. */
export async function writeTable(lakeDir: string, place: RunPlace, table: TableName, rows: LooseRow[]): Promise<void> {
  await putFile(lakeDir, partKey({ ...place, table, part: 0 }), parquetBytes(TABLES[table].columns, rows));
}

/** Writes all tables of a run, those that are not given without rows. */
export async function writeTables(lakeDir: string, place: RunPlace, tables: LooseTables): Promise<void> {
  for (const table of TABLE_NAMES) await writeTable(lakeDir, place, table, tables[table] ?? []);
}

/** What a crawl does, without the waiting. */
export async function crawl(lakeDir: string): Promise<void> {
  await registerPartitions(lakeDir, findPartitions(lakeDir));
}

/** Makes a run the one that readers see for its date. */
export async function publish(lakeDir: string, { snapshotDate, runId }: RunPlace): Promise<void> {
  const publication = {
    snapshot_date: snapshotDate,
    run_id: runId,
    published_at: '2026-11-23T06:00:00.000Z',
    status: 'complete',
  };
  await putFile(lakeDir, publicationKey(snapshotDate), JSON.stringify(publication));
}
