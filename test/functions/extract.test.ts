import { describe, expect, test } from '@jest/globals';
import { readJson } from '../../functions/adapters/lake.ts';
import { manifestKey } from '../../functions/domain/lake-paths.ts';
import { ManifestSchema } from '../../functions/domain/manifest.ts';
import { type FakePlaylist, fakeSpotify, type Interference, ok, page, tracks } from '../support/fake-spotify.ts';
import { extractPayload, NOW, newLake, PLACE, stages } from '../support/stages.ts';

const playlist = (count: number): FakePlaylist => ({ snapshotId: 'v1', entries: tracks(count) });
const named = (name: string, message?: string) =>
  expect.objectContaining({ name, ...(message ? { message: expect.stringContaining(message) } : {}) });

/** Extracts these playlists and reads the manifest back. */
async function run(
  playlists: Record<string, FakePlaylist>,
  options: { regime?: 'A' | 'B' | 'C'; interfere?: Interference; remainingMs?: () => number; now?: () => Date } = {},
) {
  const { lake } = newLake();
  const spotify = fakeSpotify(playlists, options);
  const ids = Object.keys(playlists);
  const { regime: _, interfere: __, ...deps } = options;
  const { extract } = stages(lake, spotify, ids, deps);
  const again = () => extract(extractPayload());
  const result = await again();
  const manifest = await readJson(lake, manifestKey(PLACE), ManifestSchema);
  return { lake, spotify, result, manifest, again };
}

describe('reading', () => {
  test.each(['A', 'B', 'C'] as const)('`total` 250 over several pages, regime %s', async (regime) => {
    const { result, manifest, spotify } = await run({ p: playlist(250) }, { regime });
    expect(result).toMatchObject({ status: 'complete', entries: 250, playlists: 1, unreadable: 0 });
    expect(manifest?.playlists[0]).toMatchObject({ status: 'complete', regime, total: 250, snapshot_id: 'v1' });
    // 1 + pages + 1 to see that nothing moved; regime A gets 100 a page from /tracks.
    expect(spotify.calls).toHaveLength(regime === 'A' ? 1 + 2 + 1 : 1 + 3 + 1);
    expect(manifest).toMatchObject({ regime, entries: 250, calls: { made: spotify.calls.length, budget: 5 } });
  });

  test('empty playlist', async () => {
    const { result, spotify } = await run({ p: playlist(0) });
    expect(result).toMatchObject({ status: 'complete', entries: 0 });
    expect(spotify.calls).toHaveLength(1);
  });

  test('a playlist of one page is one call', async () => {
    expect((await run({ p: playlist(100) })).spotify.calls).toEqual(['/v1/playlists/p']);
  });

  test('bodies are stored as received', async () => {
    const { lake, manifest } = await run({ p: playlist(120) });
    const { gunzipSync } = await import('node:zlib');
    const objects = manifest?.playlists[0]?.objects ?? [];
    const bodies = await Promise.all(
      objects.map(async ({ key }) => gunzipSync((await lake.get(key)) ?? '').toString()),
    );
    expect(JSON.parse(bodies[0] ?? '').items.items).toHaveLength(100);
    expect(JSON.parse(bodies[1] ?? '')).toEqual(page('p', playlist(120), 'C', 100, 50));
  });
});

describe('playlist gone (404), not yours (403), made private', () => {
  test('that playlist is reported, the others load, the run is partial', async () => {
    const { result, manifest } = await run(
      { mine: playlist(3), foreign: { ...playlist(9), isForeign: true }, closed: playlist(2), lost: playlist(1) },
      {
        interfere: (call) => {
          if (call === '/v1/playlists/closed') return { outcome: 'forbidden', reason: 'Forbidden' };
          return call === '/v1/playlists/lost' ? { outcome: 'gone', reason: 'Resource not found' } : undefined;
        },
      },
    );
    expect(result).toMatchObject({ status: 'partial', entries: 3, playlists: 4, unreadable: 3 });
    expect(manifest?.playlists.map(({ status }) => status)).toEqual(['complete', 'not_yours', 'forbidden', 'gone']);
  });

  test('made private between two pages: nothing of it counts', async () => {
    const { manifest } = await run(
      { p: playlist(250), q: playlist(1) },
      { interfere: (call) => (call.includes('p/items?offset=150') ? { outcome: 'gone', reason: 'gone' } : undefined) },
    );
    expect(manifest?.playlists[0]).toMatchObject({ status: 'gone', objects: [], total: null });
  });

  test('when none can be read the run fails and says why', async () => {
    const { lake } = newLake();
    const { extract } = stages(lake, fakeSpotify({}), ['p']);
    await expect(extract(extractPayload())).rejects.toEqual(named('ConfigError', 'Resource not found'));
  });
});

describe('playlist edited while it is read', () => {
  const edit: Interference = (call, _number, { playlists }) => {
    const edited = playlists.get('p');
    if (call.includes('offset=150') && edited) {
      edited.entries = [...tracks(1, 'new'), ...edited.entries];
      edited.snapshotId += '+';
    }
    return undefined;
  };

  test('read again, and then whole', async () => {
    let edits = 0;
    const { manifest } = await run(
      { p: playlist(250) },
      { interfere: (...args) => (args[0].includes('offset=150') && edits++ === 0 ? edit(...args) : undefined) },
    );
    expect(manifest?.playlists[0]).toMatchObject({ total: 251, snapshot_id: 'v1+' });
    expect(manifest?.playlists[0]?.objects.every(({ key }) => key.includes('/read-2-'))).toBe(true);
  });

  test('an edit that keeps the total is noticed by snapshot_id', async () => {
    const { manifest, spotify } = await run(
      { p: playlist(150) },
      {
        interfere: (call, _number, { playlists }) => {
          const edited = playlists.get('p');
          if (call.includes('offset=100') && edited) edited.snapshotId = 'v2';
          return undefined;
        },
      },
    );
    expect(manifest?.playlists[0]?.snapshot_id).toBe('v2');
    const read = ['/v1/playlists/p', '/v1/playlists/p/items?offset=100&limit=50', '/v1/playlists/p?fields=snapshot_id'];
    expect(spotify.calls).toEqual([...read, ...read]);
  });

  test.each<[string, string, string]>([
    ['and is still the same', 'v1', 'v1'],
    ['and was edited', 'v2', 'v2'],
  ])('a Spotify that says nothing of the version alone is asked for the whole, %s', async (_which, later, expected) => {
    const { manifest, spotify } = await run(
      { p: playlist(150) },
      {
        interfere: (call, _number, { playlists }) => {
          const edited = playlists.get('p');
          if (!call.includes('fields=')) return undefined;
          if (edited) edited.snapshotId = later;
          return ok({});
        },
      },
    );
    expect(manifest?.playlists[0]).toMatchObject({ status: 'complete', snapshot_id: expected, total: 150 });
    expect(spotify.calls.slice(2, 4)).toEqual(['/v1/playlists/p?fields=snapshot_id', '/v1/playlists/p']);
    expect(spotify.calls).toHaveLength(later === 'v1' ? 4 : 8);
  });

  test('after three readings, a named error and no manifest', async () => {
    const { lake } = newLake();
    const { extract } = stages(lake, fakeSpotify({ p: playlist(250) }, { interfere: edit }), ['p']);
    await expect(extract(extractPayload())).rejects.toEqual(named('SpotifyUnavailableError', 'read 3 times'));
    expect(await lake.get(manifestKey(PLACE))).toBeUndefined();
  });
});

describe('page missing, short page in the middle, duplicated page', () => {
  const whole = playlist(250);
  const cases: Record<string, (offset: number) => object> = {
    'page missing': (offset) => page('p', whole, 'C', offset + 50, 50),
    'short page in the middle that repeats nothing': (offset) => ({ ...page('p', whole, 'C', offset, 20), next: null }),
    'duplicated page': (offset) => page('p', whole, 'C', offset - 50, 50),
    'empty page that is not the last': (offset) => ({ ...page('p', whole, 'C', offset, 50), items: [] }),
  };
  test.each(Object.entries(cases))('%s: the run fails', async (_name, bad) => {
    const { lake } = newLake();
    const interfere: Interference = (call) => (call.includes('offset=150') ? ok(bad(150)) : undefined);
    const { extract } = stages(lake, fakeSpotify({ p: whole }, { interfere }), ['p']);
    await expect(extract(extractPayload())).rejects.toEqual(named('SpotifyUnavailableError', 'never came out whole'));
  });

  test('a short page that is followed by the rest is no fault', async () => {
    const interfere: Interference = (call) =>
      call.includes('offset=150') ? ok(page('p', whole, 'C', 150, 20)) : undefined;
    expect((await run({ p: whole }, { interfere })).result).toMatchObject({ status: 'complete', entries: 250 });
  });
});

test('`next` pointing at another host is refused', async () => {
  const { lake } = newLake();
  const interfere: Interference = (call) =>
    call.includes('offset=100')
      ? ok({ ...page('p', playlist(250), 'C', 100, 50), next: 'https://evil.test/v1' })
      : undefined;
  const { extract } = stages(lake, fakeSpotify({ p: playlist(250) }, { interfere }), ['p']);
  await expect(extract(extractPayload())).rejects.toEqual(named('ContractError', 'next leads away'));
});

test.each([
  ['a body of another shape', {}],
  ['another playlist', { id: 'q', snapshot_id: 'v', items: page('q', playlist(1), 'C', 0, 100) }],
])('%s is a ContractError', async (_name, json) => {
  const { lake } = newLake();
  const { extract } = stages(lake, fakeSpotify({}, { interfere: () => ok(json) }), ['p']);
  await expect(extract(extractPayload())).rejects.toEqual(named('ContractError', 'p'));
});

describe('cut off and resumed', () => {
  const four = { a: playlist(250), b: playlist(30), c: playlist(180), d: playlist(0) };
  const undisturbed = run(four);

  test.each(Array.from({ length: 9 }, (_, index) => index + 1))('a long wait at call %i', async (at) => {
    const retryAt = '2026-11-24T06:00:00.000Z';
    const interfere: Interference = (_call, number) =>
      number === at ? { outcome: 'wait', retryAt, reason: 'QUOTA_EXCEEDED' } : undefined;
    let now = NOW;
    const { lake, spotify, result, again } = await run(four, { interfere, now: () => now });
    expect(result).toMatchObject({ status: 'wait', retryAt });
    expect(await again()).toMatchObject({ status: 'wait', retryAt });
    expect(spotify.calls).toHaveLength(at);
    now = new Date(retryAt);
    expect(await again()).toMatchObject({ status: 'complete', entries: 460, retryAt: null });
    const expected = await undisturbed;
    const manifest = await readJson(lake, manifestKey(PLACE), ManifestSchema);
    expect(manifest).toEqual({ ...expected.manifest, finished_at: now.toISOString() });
    // Only the refused call is made twice.
    expect(spotify.calls).toHaveLength(expected.spotify.calls.length + 1);
  });

  test('time nearly up: continue, until it is done', async () => {
    let calls = 0;
    const { again, result, spotify } = await run(four, { remainingMs: () => (calls++ % 2 === 0 ? 900_000 : 0) });
    expect(result.status).toBe('continue');
    let last = result;
    for (let round = 0; last.status === 'continue' && round < 50; round += 1) last = await again();
    expect(last).toMatchObject({ status: 'complete', entries: 460 });
    expect(spotify.calls).toEqual((await undisturbed).spotify.calls);
  });

  test('called again when it is done, it asks nothing', async () => {
    const { again, spotify, result } = await run(four);
    const before = spotify.calls.length;
    expect(await again()).toEqual(result);
    expect(spotify.calls).toHaveLength(before);
  });
});

describe('the payload', () => {
  test.each([[{ snapshotDate: '2026-02-30' }], [{ playlistIds: [] }], [{ playlistIds: ['../x'] }], [{ more: 1 }]])(
    '%j is refused, before any call',
    async (more) => {
      const { lake } = newLake();
      const spotify = fakeSpotify({});
      const { extract } = stages(lake, spotify, ['p']);
      await expect(extract(extractPayload(more))).rejects.toEqual(named('InvalidInputError', Object.keys(more)[0]));
      expect(spotify.calls).toEqual([]);
    },
  );

  test('its playlists take the place of the configured ones', async () => {
    const { lake } = newLake();
    const spotify = fakeSpotify({ asked: playlist(1), configured: playlist(2) });
    const { extract } = stages(lake, spotify, ['configured']);
    expect(await extract(extractPayload({ playlistIds: ['asked'] }))).toMatchObject({ playlists: 1, entries: 1 });
  });
});
