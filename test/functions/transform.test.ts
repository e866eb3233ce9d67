import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Lake, readJson, writeJson } from '../../functions/adapters/lake.ts';
import { manifestKey, partKey } from '../../functions/domain/lake-paths.ts';
import { type Manifest, ManifestSchema } from '../../functions/domain/manifest.ts';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { type FakePlaylist, fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { readParquet } from '../support/read-parquet.ts';
import { extractPayload, newLake, PLACE, stages } from '../support/stages.ts';

const named = (name: string, message: string) =>
  expect.objectContaining({ name, message: expect.stringContaining(message) });

const PLAYLISTS: Record<string, FakePlaylist> = {
  b: { snapshotId: 'v1', entries: [...tracks(130), null, 'no entry', ...tracks(3)] },
  a: { snapshotId: 'v1', entries: [{ ...(tracks(1)[0] as object), name: 'Another spelling' }] },
  c: { snapshotId: 'v1', entries: [] },
};

/** A lake in which the playlists are extracted, and its handlers. */
async function extracted(playlists = PLAYLISTS, ids = Object.keys(playlists)) {
  const { lake, lakeDir } = newLake();
  const handlers = stages(lake, fakeSpotify(playlists), ids);
  await handlers.extract(extractPayload());
  return { lake, lakeDir, ...handlers };
}

/** SHA-256 of every Parquet file of the run. */
async function fingerprints(lake: Lake) {
  const hashes = TABLE_NAMES.map(async (table) => {
    const bytes = await lake.get(partKey({ ...PLACE, table, part: 0 }));
    return [table, bytes && createHash('sha256').update(bytes).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}

const manifestOf = async (lake: Lake) => (await readJson(lake, manifestKey(PLACE), ManifestSchema)) as Manifest;

describe('transforming', () => {
  let once: Record<string, string | undefined>;
  beforeAll(async () => {
    const { lake, transform } = await extracted();
    await transform(PLACE);
    once = await fingerprints(lake);
  });

  test('every entry is one row, and the counts say so', async () => {
    const { transform } = await extracted();
    const result = await transform(PLACE);
    expect(result.rows).toMatchObject({
      playlists: 3,
      playlist_items: 135,
      rejected_items: 1,
      tracks: 130,
      artists: 1,
    });
    expect(result).toMatchObject({ rejected: 1, writtenAt: '2026-11-23T06:00:05Z' });
  });

  test('twice: the same bytes', async () => {
    const { lake, transform } = await extracted();
    await transform(PLACE);
    await transform(PLACE);
    expect(await fingerprints(lake)).toEqual(once);
  });

  test('the order of playlists and pages does not matter', async () => {
    const { lake, transform } = await extracted(PLAYLISTS, ['c', 'a', 'b']);
    const manifest = await manifestOf(lake);
    const shuffled = manifest.playlists.map((record) => ({ ...record, objects: [...record.objects].reverse() }));
    await writeJson(lake, manifestKey(PLACE), { ...manifest, playlists: shuffled });
    await transform(PLACE);
    expect(await fingerprints(lake)).toEqual(once);
  });

  test('backfill of old raw data needs no Spotify and gives the same bytes', async () => {
    const { lake, lakeDir } = await extracted();
    expect(lakeDir).toBeTruthy();
    const { transform } = stages(lake, fakeSpotify({}), []);
    await transform(PLACE);
    expect(await fingerprints(lake)).toEqual(once);
  });
});

describe('a lake that is not as Extract left it', () => {
  const firstKey = async (lake: Lake) => (await manifestOf(lake)).playlists[0]?.objects[0]?.key ?? '';

  test('no manifest', async () => {
    const { lake } = newLake();
    const { transform } = stages(lake, fakeSpotify({}), []);
    await expect(transform(PLACE)).rejects.toEqual(named('LakeStateError', 'manifest.json'));
  });

  test('a raw object is missing', async () => {
    const { lake, transform } = await extracted();
    const key = await firstKey(lake);
    await lake.remove([key]);
    await expect(transform(PLACE)).rejects.toEqual(named('LakeStateError', key));
  });

  const BAD: [name: string, body: Uint8Array, reason: string, isForged: boolean][] = [
    ['changed since it was written', gzipSync('{}'), 'has changed', false],
    ['not gzip', Buffer.from('not gzip'), 'is not gzipped JSON', true],
    ['cut off', gzipSync(JSON.stringify({ items: [] })).subarray(0, 20), 'is not gzipped JSON', true],
    ['not JSON', gzipSync('not json'), 'is not gzipped JSON', true],
    [
      'an error document saved as raw',
      gzipSync(JSON.stringify({ error: { status: 502, message: 'Bad gateway' } })),
      'is not a',
      true,
    ],
    [
      'a page with an entry less',
      gzipSync(JSON.stringify({ items: [], offset: 100, total: 135, next: null })),
      'does not hold',
      true,
    ],
  ];

  /** Puts these bytes in the place of the object; the manifest is changed with them when the checksum shall fit. */
  async function spoil(lake: Lake, playlistId: string, offset: number, body: Uint8Array, isForged: boolean) {
    const manifest = await manifestOf(lake);
    const objects = manifest.playlists.flatMap((record) => (record.playlist_id === playlistId ? record.objects : []));
    const object = objects.find((candidate) => candidate.offset === offset);
    if (!object) throw new Error('the test needs a raw object');
    await lake.put(object.key, body, 'application/gzip');
    if (isForged) object.sha256 = createHash('sha256').update(body).digest('hex');
    await writeJson(lake, manifestKey(PLACE), manifest);
    return object;
  }

  test.each(BAD)('one bad raw file among good ones is quarantined: %s', async (_name, body, reason, isForged) => {
    const { lake, transform } = await extracted();
    const { key, entries } = await spoil(lake, 'b', 100, body, isForged);
    const first = await transform(PLACE);
    expect(first.rows).toMatchObject({ playlists: 3, playlist_items: 101, rejected_items: entries });
    const bytes = await lake.get(partKey({ ...PLACE, table: 'rejected_items', part: 0 }));
    const rejected = await readParquet(bytes as Uint8Array);
    expect(rejected.map(({ position }) => position)).toEqual(
      Array.from({ length: entries }, (_, index) => 100 + index),
    );
    for (const row of rejected) expect(row.reason).toMatch(new RegExp(`^${key}.*${reason}`));

    const after = await fingerprints(lake);
    await transform(PLACE);
    expect([await transform(PLACE), await fingerprints(lake)]).toEqual([first, after]);
  });

  test('a playlist whose first raw file is bad keeps its row, with what the manifest knows', async () => {
    const { lake, transform } = await extracted();
    await spoil(lake, 'b', 0, gzipSync('not json'), true);
    expect((await transform(PLACE)).rows).toMatchObject({ playlists: 3, playlist_items: 35, rejected_items: 101 });
    const rows = await readParquet((await lake.get(partKey({ ...PLACE, table: 'playlists', part: 0 }))) as Uint8Array);
    expect(rows[1]).toMatchObject({ playlist_id: 'b', status: 'complete', name: null, total: 135 });
  });

  test.each(BAD.slice(1, 5))(
    'a run in which nothing can be read fails and names the object: %s',
    async (_name, body) => {
      const { lake, transform } = await extracted({ a: PLAYLISTS.a as FakePlaylist });
      const { key } = await spoil(lake, 'a', 0, body, true);
      await expect(transform(PLACE)).rejects.toEqual(named('ContractError', key));
      expect(await lake.list('transformed/')).toEqual([]);
    },
  );

  test('files that an earlier attempt left and this one does not write go', async () => {
    const { lake, transform } = await extracted();
    const left = partKey({ ...PLACE, table: 'tracks', part: 7 });
    await lake.put(left, new Uint8Array(9), 'application/octet-stream');
    await transform(PLACE);
    expect(await lake.get(left)).toBeUndefined();
  });

  test('a manifest whose entries do not add up is not believed', async () => {
    const { lake, transform } = await extracted();
    const manifest = await manifestOf(lake);
    const playlists = manifest.playlists.map((record) => ({ ...record, total: (record.total ?? 0) + 1 }));
    await writeJson(lake, manifestKey(PLACE), { ...manifest, playlists });
    await expect(transform(PLACE)).rejects.toEqual(named('LakeStateError', 'manifest.json'));
  });
});

test.each([[{}], [{ ...PLACE, runId: '../x' }], [{ ...PLACE, snapshotDate: '23.11.2026' }]])(
  'the payload %j is refused',
  async (payload) => {
    const { lake } = newLake();
    const { transform } = stages(lake, fakeSpotify({}), []);
    await expect(transform(payload)).rejects.toEqual(expect.objectContaining({ name: 'InvalidInputError' }));
  },
);
