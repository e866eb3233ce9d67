import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { manifestKey, partitionPrefix, type RunPlace, rawKey } from '../../functions/domain/lake-paths.ts';
import type { Manifest, RawObject } from '../../functions/domain/manifest.ts';
import type { TableName } from '../../functions/domain/tables.ts';
import { createTransform } from '../../functions/transform.ts';
import { memoryLake } from './memory-lake.ts';
import { readParquet } from './read-parquet.ts';

const PLACE: RunPlace = { snapshotDate: '2026-11-23', runId: 'r' };
const PAGE = 100;

type Rows = Record<string, unknown>[];

/** Runs the whole Transform over one playlist of these entries, and reads two of its tables by SQL. */
export async function transformed(
  playlistId: string,
  entries: readonly unknown[],
): Promise<{ items: Rows; rejected: Rows }> {
  const lake = memoryLake();
  const objects: RawObject[] = [];
  for (let offset = 0; offset < entries.length; offset += PAGE) {
    const page = { items: entries.slice(offset, offset + PAGE), offset, total: entries.length, next: null };
    const response = offset === 0 ? { id: playlistId, snapshot_id: 'v', items: page } : page;
    const body = gzipSync(JSON.stringify(response), { level: 1 });
    const key = rawKey({ ...PLACE, playlistId, read: 1, offset });
    await lake.put(key, body, 'application/gzip');
    const sha256 = createHash('sha256').update(body).digest('hex');
    objects.push({ key, offset, entries: page.items.length, bytes: body.byteLength, sha256 });
  }
  await lake.put(
    manifestKey(PLACE),
    Buffer.from(JSON.stringify(manifest(playlistId, entries.length, objects))),
    'application/json',
  );
  await createTransform({ lake, now: () => new Date(0), log: () => {} })(PLACE);
  const read = async (table: TableName) => {
    const parts = await lake.list(partitionPrefix(table, PLACE));
    return (await Promise.all(parts.map(async ({ key }) => readParquet((await lake.get(key)) as Uint8Array)))).flat();
  };
  return { items: await read('playlist_items'), rejected: await read('rejected_items') };
}

const manifest = (playlist_id: string, total: number, objects: RawObject[]): Manifest => ({
  manifest_version: 1,
  run_id: PLACE.runId,
  snapshot_date: PLACE.snapshotDate,
  started_at: '2026-11-23T06:00:00.000Z',
  finished_at: '2026-11-23T06:10:00.000Z',
  status: 'complete',
  market: null,
  keep_personal_data: false,
  playlists: [{ playlist_id, status: 'complete', reason: null, regime: 'C', snapshot_id: 'v', total, objects }],
  spotify: { calls: {}, retries: 0, waited_ms: 0, bytes: 0 },
});

/**
 * What the row of an entry must say, worked out from the entry alone and not the way that flatten.ts does it. Only of
 * entries that were not rejected.
 */
export function expectedRow(entry: unknown, position: number): Record<string, unknown> {
  const wrapper = entry as { item?: unknown; track?: unknown; is_local?: unknown };
  const inner = (wrapper.item === undefined ? wrapper.track : wrapper.item) as Inner | null;
  if (inner === null) return { position, kind: 'unavailable', track_id: null, episode_id: null, title: null };
  const id = inner.id ? inner.id.toWellFormed() : null;
  const isLocal =
    inner.type === 'track' &&
    [wrapper.is_local, inner.is_local, /^spotify:local:/.test(inner.uri ?? '')].includes(true);
  const kind = isLocal ? 'local' : id === null ? 'unavailable' : inner.type;
  return {
    position,
    kind,
    track_id: kind === 'track' ? id : null,
    episode_id: kind === 'episode' ? id : null,
    title: inner.name?.toWellFormed() ?? null,
    duration_ms: inner.duration_ms ?? null,
    explicit: inner.explicit ?? null,
  };
}

interface Inner {
  readonly type: 'track' | 'episode';
  readonly id?: string | null;
  readonly name?: string | null;
  readonly uri?: string | null;
  readonly is_local?: boolean | null;
  readonly duration_ms?: number | null;
  readonly explicit?: boolean | null;
}

/** A rejected entry is kept as it was sent, but for who added it, wherever that stands. */
export function withoutPerson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPerson);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'added_by');
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutPerson(inner)]));
}
