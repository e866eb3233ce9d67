import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Lake } from '../functions/adapters/lake.ts';
import { parsePartKey } from '../functions/domain/lake-paths.ts';
import type { FindInTables, HeldInTables } from '../functions/purge-plan.ts';

/** Looks for a playlist in the small table `playlists` of every run, read by DuckDB from copies in a folder of its own. */
export const createFindInTables =
  (lake: Pick<Lake, 'get'>): FindInTables =>
  async (playlistId, partKeys) => {
    const places = partKeys.flatMap((key) => {
      const place = parsePartKey(key);
      return place?.table === 'playlists' ? [{ key, place }] : [];
    });
    if (places.length === 0) return [];
    const folder = await mkdtemp(join(tmpdir(), 'playlists-'));
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    try {
      const held: HeldInTables[] = [];
      for (const { key, place } of places) {
        const file = join(folder, 'part.parquet');
        await writeFile(file, (await lake.get(key)) ?? []);
        const sql = `SELECT bool_or(playlist_id = $1), bool_or(playlist_id <> $1) FROM read_parquet($2)`;
        const [row = []] = await (await connection.run(sql, [playlistId, file])).getRows();
        if (row[0]) held.push({ place, others: row[1] === true });
      }
      return held;
    } finally {
      connection.closeSync();
      instance.closeSync();
      await rm(folder, { recursive: true });
    }
  };
