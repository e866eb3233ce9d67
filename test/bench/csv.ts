import { createReadStream, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { partitionPrefix } from '../../functions/domain/lake-paths.ts';
import { type Column, TABLE_NAMES, TABLES, type TableName } from '../../functions/domain/tables.ts';
import { DERIVED_VIEWS, derivedViewSql } from '../../infra/derived-views.ts';
import { listKeys } from '../../infra/local/glue/partitions.ts';
import { READERS_DATABASE, readerColumnSql } from '../../infra/reader-views.ts';
import { BENCH_PLACE } from './lake-generator.ts';

/** Bytes of one stored table. CSV is gzipped (level 6, as gzip has it), its rows as readers see them. */
export interface TableSize {
  readonly table: TableName;
  readonly parquet: number;
  /** The same rows as plain tables: without a list, and the rows of the view made of it beside them. */
  readonly csv: number;
  /** The same rows alone, a list as one text. */
  readonly csvOfTable: number;
  /** What the different IDs of each column take at least: they are random, so nothing makes them smaller. */
  readonly ids: number;
  /** Bytes of the column chunks that the validation query names; of a CSV file it would read all. */
  readonly validation: number;
}

/** An ID of Spotify's has 128 bits, in 22 characters. */
const ID_BYTES = 16;
const ID_COLUMNS = ['playlist_id', 'track_id', 'album_id', 'artist_id'];

/** What statemachine/validation.sql selects of each table. */
const VALIDATED: Record<TableName, readonly string[]> = {
  playlists: ['playlist_id', 'status', 'total'],
  playlist_items: ['playlist_id', 'position', 'kind', 'track_id', 'episode_id'],
  tracks: ['track_id', 'album_id', 'artist_ids'],
  albums: ['album_id', 'artist_ids'],
  artists: ['artist_id'],
  rejected_items: ['playlist_id', 'position', 'reason', 'raw_json'],
};

/** The views that give a list by row: CSV has no lists, so they are a part of what it would take. */
const VIEWS: Partial<Record<TableName, string>> = { tracks: 'track_artists', albums: 'album_artists' };

/** Compares the files that a benchmark's transform has written with CSV. Needs room for the CSV beside them. */
export async function tableSizes(lakeDir: string): Promise<TableSize[]> {
  const connection = await (await DuckDBInstance.create()).connect();
  const number = async (sql: string) => Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0]);
  mkdirSync(join(lakeDir, 'csv'), { recursive: true });
  await connection.run(`CREATE SCHEMA ${READERS_DATABASE}`);
  const sizes: TableSize[] = [];
  for (const table of TABLE_NAMES) {
    const files = listKeys(lakeDir, partitionPrefix(table, BENCH_PLACE)).map((key) => join(lakeDir, key));
    const list = `[${files.map((file) => `'${file}'`).join(', ')}]`;
    const columns: readonly Column[] = TABLES[table].columns;
    const view = `${READERS_DATABASE}.${table}`;
    const shown = [...columns.map(readerColumnSql), `'${BENCH_PLACE.snapshotDate}' AS snapshot_date`].join(', ');
    await connection.run(`CREATE VIEW ${view} AS SELECT ${shown} FROM read_parquet(${list}) AS entry`);
    const csv = async (name: string, wanted: readonly string[], source = view) => {
      const file = join(lakeDir, 'csv', `${name}.csv`);
      await connection.run(`COPY (SELECT ${wanted.join(', ')} FROM ${source}) TO '${file}' (HEADER)`);
      await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.gz`));
      return statSync(`${file}.gz`).size;
    };
    const scalars = columns.filter(({ type }) => type !== 'strings').map(({ name }) => name);
    const whole = columns.map(({ name, type }) =>
      type === 'strings'
        ? `array_to_string(list_transform(${name}, lambda id: coalesce(id, '')), ',') AS ${name}`
        : name,
    );
    const made = DERIVED_VIEWS.find(({ name }) => name === VIEWS[table]);
    const names = made?.columns.map(([name]) => name).filter((name) => name !== 'snapshot_date') ?? [];
    // In the order of the table: gzip finds an ID that stands in the line before.
    const inOrder = `(${made && derivedViewSql(made)})
      JOIN (SELECT ${names[0]}, row_number() OVER () AS line FROM ${view}) USING (${names[0]}) ORDER BY line, artist_position`;
    const csvOfView = made ? await csv(made.name, names, inOrder) : 0;
    const validated = VALIDATED[table].map((name) => `'${name}'`).join(', ');
    const ids = columns.flatMap(({ name, type }) => {
      if (type === 'strings') return `(SELECT count(DISTINCT id) FROM (SELECT unnest(${name}) AS id FROM ${view}))`;
      return ID_COLUMNS.includes(name) ? `count(DISTINCT ${name})` : [];
    });
    sizes.push({
      table,
      parquet: files.reduce((sum, file) => sum + statSync(file).size, 0),
      csv: (await csv(table, scalars)) + csvOfView,
      csvOfTable: await csv(table, whole),
      ids: ID_BYTES * (await number(`SELECT ${ids.join(' + ')} FROM ${view}`)),
      validation: await number(
        `SELECT coalesce(sum(total_compressed_size), 0) FROM parquet_metadata(${list})
        WHERE split_part(path_in_schema, ',', 1) IN (${validated})`,
      ),
    });
  }
  connection.closeSync();
  return sizes;
}
