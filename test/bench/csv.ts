import { createReadStream, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { partitionPrefix } from '../../functions/domain/lake-paths.ts';
import { TABLE_NAMES, TABLES, type TableName } from '../../functions/domain/tables.ts';
import { listKeys } from '../../infra/local/glue/partitions.ts';
import { readerColumnSql } from '../../infra/reader-views.ts';
import { BENCH_PLACE } from './lake-generator.ts';

/** Bytes of one table: as Parquet, and as the same rows in gzipped CSV as readers see them (level 6, as gzip has it). */
export interface TableSize {
  readonly table: TableName;
  readonly parquet: number;
  readonly csv: number;
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
  tracks: ['track_id', 'album_id'],
  albums: ['album_id'],
  artists: ['artist_id'],
  track_artists: ['track_id', 'artist_position', 'artist_id'],
  album_artists: ['album_id', 'artist_position', 'artist_id'],
  rejected_items: ['playlist_id', 'position', 'reason', 'raw_json'],
};

/** Compares the files that a benchmark's transform has written with CSV. Needs room for the CSV beside them. */
export async function tableSizes(lakeDir: string): Promise<TableSize[]> {
  const connection = await (await DuckDBInstance.create()).connect();
  mkdirSync(join(lakeDir, 'csv'), { recursive: true });
  const sizes: TableSize[] = [];
  for (const table of TABLE_NAMES) {
    const files = listKeys(lakeDir, partitionPrefix(table, BENCH_PLACE)).map((key) => join(lakeDir, key));
    const list = `[${files.map((file) => `'${file}'`).join(', ')}]`;
    const csv = join(lakeDir, 'csv', `${table}.csv`);
    const rows = `SELECT ${TABLES[table].columns.map(readerColumnSql).join(', ')} FROM read_parquet(${list}) AS entry`;
    await connection.run(`COPY (${rows}) TO '${csv}' (HEADER)`);
    await pipeline(createReadStream(csv), createGzip(), createWriteStream(`${csv}.gz`));
    const columns = VALIDATED[table].map((name) => `'${name}'`).join(', ');
    const chunks = await connection.runAndReadAll(
      `SELECT coalesce(sum(total_compressed_size), 0) FROM parquet_metadata(${list}) WHERE path_in_schema IN (${columns})`,
    );
    const ids = TABLES[table].columns.flatMap(({ name }) =>
      ID_COLUMNS.includes(name) ? `count(DISTINCT ${name})` : [],
    );
    const different = await connection.runAndReadAll(`SELECT ${ids.join(' + ')} FROM read_parquet(${list})`);
    sizes.push({
      table,
      ids: ID_BYTES * Number(different.getRows()[0]?.[0]),
      parquet: files.reduce((sum, file) => sum + statSync(file).size, 0),
      csv: statSync(`${csv}.gz`).size,
      validation: Number(chunks.getRows()[0]?.[0]),
    });
  }
  connection.closeSync();
  return sizes;
}
