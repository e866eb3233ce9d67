import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { readJson } from '../../functions/adapters/lake.ts';
import { createSpotify } from '../../functions/adapters/spotify.ts';
import { manifestKey } from '../../functions/domain/lake-paths.ts';
import { ManifestSchema, SOFTWARE_VERSION } from '../../functions/domain/manifest.ts';
import { fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { startFaultySpotify } from '../support/faulty-spotify.ts';
import { memoryLake } from '../support/memory-lake.ts';
import { extractPayload, NOW, PLACE, stages } from '../support/stages.ts';

test('the manifest accounts for the run: versions, playlists, calls by endpoint and status, bytes, waits, checksums', async () => {
  const server = await startFaultySpotify(
    { p: { snapshotId: 'v1', entries: tracks(150) } },
    {
      regime: 'B',
      faults: [
        { match: 'GET /v1/playlists/p\\?', on: [1], status: 502, body: '<html>' },
        { match: 'offset=100', on: [1], status: 429, headers: { 'retry-after': '7' } },
      ],
    },
  );
  const lake = memoryLake();
  const spotify = createSpotify({
    settings: { apiUrl: server.url, accountsUrl: server.url },
    credentials: { clientId: 'id', refreshToken: 'refresh-token' },
    now: () => NOW.getTime(),
    sleep: async () => {},
    random: () => 0,
    log: () => {},
    saveRefreshToken: async () => {},
  });
  const consent = { authorizedAt: '2026-09-01T00:00:00Z', command: 'npm run auth' };
  const { extract } = stages(lake, spotify, ['p', 'lost'], { apiUrl: server.url, market: 'DE', consent });
  await extract(extractPayload());
  await server.close();

  const manifest = await readJson(lake, manifestKey(PLACE), ManifestSchema);
  expect(manifest).toMatchObject({
    manifest_version: 1,
    software_version: SOFTWARE_VERSION,
    run_id: PLACE.runId,
    snapshot_date: PLACE.snapshotDate,
    started_at: '2026-11-23T06:00:00.000Z',
    finished_at: NOW.toISOString(),
    status: 'partial',
    market: 'DE',
    keep_personal_data: false,
    regime: 'B',
    entries: 150,
    calls: { made: 4, budget: 4 },
    token_days_left: 97,
    playlists: [
      { playlist_id: 'p', status: 'complete', reason: null, regime: 'B', snapshot_id: 'v1', total: 150, calls: 3 },
      { playlist_id: 'lost', status: 'gone', reason: 'Resource not found', total: null, calls: 1, objects: [] },
    ],
    spotify: {
      calls: {
        'POST /api/token 200': 1,
        'GET /v1/playlists/{id} 502': 1,
        'GET /v1/playlists/{id} 200': 2,
        'GET /v1/playlists/{id}/items 429': 1,
        'GET /v1/playlists/{id}/items 200': 1,
        'GET /v1/playlists/{id} 404': 1,
      },
      retries: 2,
      waited_ms: 7_000,
      bytes: expect.any(Number),
    },
  });
  expect(manifest?.spotify.bytes).toBeGreaterThan(10_000);
  const objects = manifest?.playlists[0]?.objects ?? [];
  expect(objects.map(({ offset, entries }) => [offset, entries])).toEqual([
    [0, 100],
    [100, 50],
  ]);
  for (const { key, bytes, sha256 } of objects) {
    const stored = (await lake.get(key)) ?? new Uint8Array();
    const found = { bytes: stored.length, sha256: createHash('sha256').update(stored).digest('hex') };
    expect({ key, ...found }).toEqual({ key, bytes, sha256 });
  }
});

test('it is checked when it is read: a run does not build on one that is not of the form', async () => {
  const lake = memoryLake();
  await lake.put(manifestKey(PLACE), Buffer.from('{"manifest_version": 2}'), 'application/json');
  const handlers = stages(lake, fakeSpotify({}), []);
  for (const stage of [handlers.extract(extractPayload()), handlers.transform(PLACE)]) {
    await expect(stage).rejects.toMatchObject({
      name: 'LakeStateError',
      message: expect.stringContaining('manifest.json'),
    });
  }
});
