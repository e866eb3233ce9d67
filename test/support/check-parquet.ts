import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { flattenEntry } from '../../functions/domain/flatten.ts';
import { createSnapshotTables } from '../../functions/domain/snapshot-tables.ts';
import { type Column, type ColumnType, TABLES } from '../../functions/domain/tables.ts';
import { arbitraryEntry } from './arbitrary-entries.ts';

/**
 * Whether every entry ends as exactly one row, and DuckDB and pyarrow read the same from our Parquet files, types included: `check-parquet.ts PYTHON`, with a
 * Python that has pyarrow. The rows are the golden entries, 100,000 arbitrary and mutated ones, and enough tracks for two row groups.
 */
const PYARROW: Record<ColumnType, string> = {
  string: 'string',
  strings: 'list<element: string>',
  int: 'int32',
  boolean: 'bool',
  date: 'date32[day]',
  // The same type: a converted type cannot say that there is no zone, so Arrow takes the zone for UTC, which it is.
  timestamp: 'timestamp[ms, tz=UTC]',
};

const GOLDEN = new URL('../functions/domain/golden/', import.meta.url);
const golden: unknown[] = readdirSync(GOLDEN).flatMap((name) =>
  JSON.parse(readFileSync(new URL(`${name}/entries.json`, GOLDEN), 'utf8')),
);
const many = Array.from({ length: 60_000 }, (_, index) => ({
  added_at: new Date(1.6e12 + index * 977).toISOString(),
  item: {
    type: 'track',
    id: `t${index % 55_000}`,
    name: `Name ${index % 7}`,
    duration_ms: index,
    album: {
      id: `a${index % 100}`,
      release_date: `${1900 + (index % 100)}-02-03`,
      images: [{ url: `https://i.scdn.co/image/ab67616d0000b273${index}` }],
    },
    artists: [{ id: `r${index % 9}`, name: '𝄞' }, { id: index % 5 ? `s${index}` : null }].slice(0, index % 3),
  },
}));

const tables = createSnapshotTables();
const entries = [...golden, ...fc.sample(arbitraryEntry, { numRuns: 100_000, seed: 1 }), ...many];
for (const [position, entry] of entries.entries()) {
  tables.addEntry(flattenEntry(entry, { playlistId: 'P', position, keepPersonalData: true }));
}
const held = tables.rows();
if (held.playlist_items + held.rejected_items !== entries.length) throw new Error('an entry is lost or stands twice');
const folder = mkdtempSync(join(tmpdir(), 'parquet-'));
const files = [...tables.finish()].map(({ table, part, bytes }) => {
  const path = join(folder, `${table}-${part}.parquet`);
  writeFileSync(path, bytes);
  return { table, path };
});

const [python = 'python3'] = process.argv.slice(2);
const script = new URL('read-parquet.py', import.meta.url).pathname;
const read = execFileSync(python, [script, ...files.map(({ path }) => path)], {
  encoding: 'utf8',
  maxBuffer: 2 ** 30,
});
const connection = await (await DuckDBInstance.create()).connect();
for (const [index, line] of read.trim().split('\n').entries()) {
  const { table, path } = files[index] as (typeof files)[0];
  const columns: readonly Column[] = TABLES[table].columns;
  const seen = JSON.parse(line) as { types: Record<string, string>; rows: unknown[] };
  const types = columns.map(({ name, type, nullable }) => [name, `${PYARROW[type]}${nullable ? '' : ' not null'}`]);
  if (!isDeepStrictEqual(Object.entries(seen.types), types)) throw new Error(`${table}: ${JSON.stringify(seen.types)}`);
  const select = columns.map(({ name, type }) =>
    type === 'timestamp'
      ? `epoch_ms(${name})::DOUBLE AS ${name}`
      : type === 'date'
        ? `${name}::VARCHAR AS ${name}`
        : name,
  );
  const rows = (
    await connection.runAndReadAll(`SELECT ${select.join(', ')} FROM read_parquet('${path}')`)
  ).getRowObjectsJson();
  const plain = JSON.parse(JSON.stringify(rows));
  const different = plain.findIndex((row: unknown, number: number) => !isDeepStrictEqual(row, seen.rows[number]));
  if (different >= 0 || plain.length !== seen.rows.length) {
    throw new Error(
      `${table} row ${different}: ${JSON.stringify(plain[different])} ${JSON.stringify(seen.rows[different])}`,
    );
  }
  console.log(`ok: ${table}, ${plain.length} rows are the same to DuckDB and pyarrow`);
}
connection.closeSync();
