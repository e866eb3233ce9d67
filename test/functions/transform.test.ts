import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Lake, readJson, writeJson } from '../../functions/adapters/lake.ts';
import { manifestKey, partKey } from '../../functions/domain/lake-paths.ts';
import { type Manifest, ManifestSchema } from '../../functions/domain/manifest.ts';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { type FakePlaylist, fakeSpotify, tracks } from '../support/fake-spotify.ts';
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

  test('a raw object has changed', async () => {
    const { lake, transform } = await extracted();
    const key = await firstKey(lake);
    await lake.put(key, gzipSync('{}'), 'application/gzip');
    await expect(transform(PLACE)).rejects.toEqual(named('LakeStateError', key));
  });

  test.each([
    ['not JSON', 'not json'],
    ['an error document saved as raw', JSON.stringify({ error: { status: 502, message: 'Bad gateway' } })],
    [
      'a page with an entry less',
      JSON.stringify({ id: 'b', snapshot_id: 'v', items: { items: [], offset: 0, total: 135, next: null } }),
    ],
  ])('%s: the error names the object', async (_name, body) => {
    const { lake, transform } = await extracted({ b: PLAYLISTS.b as FakePlaylist });
    const manifest = await manifestOf(lake);
    const record = manifest.playlists[0];
    const object = record?.objects[0];
    if (!record || !object) throw new Error('the test needs a raw object');
    const gzipped = gzipSync(body);
    await lake.put(object.key, gzipped, 'application/gzip');
    const forged = { ...object, sha256: createHash('sha256').update(gzipped).digest('hex') };
    const playlists = [{ ...record, objects: [forged, ...record.objects.slice(1)] }];
    await writeJson(lake, manifestKey(PLACE), { ...manifest, playlists });
    await expect(transform(PLACE)).rejects.toEqual(named('ContractError', object.key));
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
