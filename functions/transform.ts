import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { createLake, type Lake, readJson } from './adapters/lake.ts';
import { ContractError, LakeStateError } from './domain/errors.ts';
import { parseRunPayload } from './domain/execution-input.ts';
import { flattenEntry } from './domain/flatten.ts';
import { manifestKey, partKey } from './domain/lake-paths.ts';
import { type Manifest, ManifestSchema, type PlaylistRecord, type RawObject } from './domain/manifest.ts';
import { parseFirst, parsePage } from './domain/page-checks.ts';
import { playlistRow, unreadableRow } from './domain/playlist-row.ts';
import { createSnapshotTables, type SnapshotTables } from './domain/snapshot-tables.ts';
import type { TableName } from './domain/tables.ts';
import { lambdaHandler } from './lambda-handler.ts';

export interface TransformResult {
  /** When the last file was written, to the second below: a crawl that began later has seen them all. */
  readonly writtenAt: string;
  readonly rows: Record<TableName, number>;
  readonly rejected: number;
}

export interface TransformDeps {
  readonly lake: Lake;
  readonly now: () => Date;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

/** The Lambda behind the state Transform: writes the raw responses that the manifest names as Parquet. */
export const createTransform =
  (deps: TransformDeps) =>
  async (payload: unknown): Promise<TransformResult> => {
    const place = parseRunPayload(payload);
    const key = manifestKey(place);
    const manifest = await readJson(deps.lake, key, ManifestSchema);
    if (!manifest)
      throw new LakeStateError(`${key} is not there: Extract has not finished for this run. Run it again.`);

    const tables = createSnapshotTables();
    // The order decides which of two spellings stays, so it must not depend on the order that was asked for.
    for (const record of [...manifest.playlists].sort(byPlaylistId)) await addPlaylist(record, manifest, tables, deps);
    const rows = {} as Record<TableName, number>;
    for (const file of tables.finish()) {
      await deps.lake.put(
        partKey({ ...place, table: file.table, part: 0 }),
        file.bytes,
        'application/vnd.apache.parquet',
      );
      rows[file.table] = file.rows;
    }
    deps.log('tables written', { rows });
    return {
      writtenAt: `${deps.now().toISOString().slice(0, 19)}Z`,
      rows,
      rejected: rows.rejected_items,
    };
  };

const byPlaylistId = (a: PlaylistRecord, b: PlaylistRecord) => (a.playlist_id < b.playlist_id ? -1 : 1);

async function addPlaylist(record: PlaylistRecord, manifest: Manifest, tables: SnapshotTables, deps: TransformDeps) {
  if (record.status !== 'complete') return tables.addPlaylist(unreadableRow(record));
  const keepPersonalData = manifest.keep_personal_data;
  const playlistId = record.playlist_id;
  let position = 0;
  for (const object of [...record.objects].sort((a, b) => a.offset - b.offset)) {
    const { entries, playlist } = parseRaw(await readRaw(object, deps.lake), object, playlistId);
    if (playlist) tables.addPlaylist(playlistRow(playlist, record.total ?? 0, keepPersonalData));
    for (const entry of entries) {
      tables.addEntry(flattenEntry(entry, { playlistId, position, keepPersonalData }));
      position += 1;
    }
  }
  if (position === record.total) return;
  throw new ContractError(`playlist ${playlistId}: Spotify counts ${record.total} entries, raw holds ${position}`);
}

async function readRaw({ key, sha256 }: RawObject, lake: Lake): Promise<unknown> {
  const gzipped = await lake.get(key);
  if (!gzipped) throw new LakeStateError(`${key} is not there, though the manifest names it. Run Extract again.`);
  if (createHash('sha256').update(gzipped).digest('hex') !== sha256) {
    throw new LakeStateError(`${key} has changed since it was written. Run Extract again.`);
  }
  try {
    return JSON.parse(gunzipSync(gzipped).toString('utf8'));
  } catch (cause) {
    throw new ContractError(`${key} is not gzipped JSON`, { cause });
  }
}

/** The object of offset 0 is the playlist with its first page (saved tracks: a page), every other one a page. */
function parseRaw(json: unknown, { key, offset, entries }: RawObject, playlistId: string) {
  const first = offset === 0 ? parseFirst(json, playlistId, key) : undefined;
  const page = offset === 0 ? first?.page : parsePage(json, key);
  if (page?.offset === offset && page.items.length === entries)
    return { entries: page.items, playlist: first?.playlist };
  throw new ContractError(`${key} does not hold the ${entries} entries from ${offset} on that the manifest names`);
}

export const handler = lambdaHandler('transform', ({ environment, telemetry }) => {
  const lake = createLake({ bucket: environment.LAKE_BUCKET });
  const transform = createTransform({ lake, now: () => new Date(), log: telemetry.log });
  return async (payload) => {
    const result = await transform(payload);
    const entries = result.rows.playlist_items + result.rejected;
    telemetry.measure({
      RowsWritten: Object.values(result.rows).reduce((sum, rows) => sum + rows, 0),
      RejectedEntries: result.rejected,
      RejectedShare: entries === 0 ? 0 : (100 * result.rejected) / entries,
    });
    return result;
  };
});
