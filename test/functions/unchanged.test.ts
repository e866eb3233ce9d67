import { describe, expect, test } from '@jest/globals';
import { type Lake, readJson } from '../../functions/adapters/lake.ts';
import { manifestKey } from '../../functions/domain/lake-paths.ts';
import { type Manifest, ManifestSchema } from '../../functions/domain/manifest.ts';
import { DEFAULT_READING, type ReadingConfig } from '../../functions/domain/reading-config.ts';
import type { ExtractDeps } from '../../functions/extract-deps.ts';
import { type FakePlaylist, type FakeSpotify, fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { memoryLake } from '../support/memory-lake.ts';
import { stages } from '../support/stages.ts';

const WEEKS = ['2026-11-23', '2026-11-30', '2026-12-07', '2026-12-14', '2026-12-21', '2026-12-28'];
const CONSENT = { authorizedAt: null, command: 'npm run auth' };
const playlist = (count: number, snapshotId = 'v1'): FakePlaylist => ({ snapshotId, entries: tracks(count) });

/** Runs a week from the reading to the publication and gives the calls it made and its manifest. */
async function week(lake: Lake, spotify: FakeSpotify, snapshotDate = '', deps: Partial<ExtractDeps> = {}) {
  const before = spotify.calls.length;
  const place = { snapshotDate, runId: `run-${snapshotDate}` };
  const now = () => new Date(`${snapshotDate}T06:00:00Z`);
  const ids = [...spotify.playlists.keys()].filter((id) => id !== 'savedtracks');
  const handlers = stages(lake, spotify, ids, { now, consent: CONSENT, ...deps });
  const { status } = await handlers.extract({ ...place, startedAt: now().toISOString(), playlistIds: null });
  const { rows } = await handlers.transform(place);
  await handlers.publish({ ...place, status });
  const manifest = (await readJson(lake, manifestKey(place), ManifestSchema)) as Manifest;
  return { calls: spotify.calls.slice(before), manifest, rows };
}

const runsOf = ({ playlists }: Manifest, id: string) => [
  ...new Set(playlists.find(({ playlist_id }) => playlist_id === id)?.objects.map(({ key }) => key.split('/')[2])),
];

describe('playlist unchanged since last week', () => {
  test("this week's snapshot is still complete, for the calls of the list alone", async () => {
    const lake = memoryLake();
    const spotify = fakeSpotify({ p: playlist(250), q: playlist(30), r: playlist(120) });
    const first = await week(lake, spotify, WEEKS[0]);
    expect(first.manifest.calls).toEqual({ made: 5 + 1 + 3, budget: 5 + 2 + 3 });
    (spotify.playlists.get('r') as FakePlaylist).snapshotId = 'v2';
    const second = await week(lake, spotify, WEEKS[1]);
    expect(second.calls).toEqual([
      '/v1/me/playlists',
      '/v1/playlists/r',
      '/v1/playlists/r/items?offset=100&limit=50',
      '/v1/playlists/r?fields=snapshot_id',
    ]);
    expect(second.manifest).toMatchObject({ status: 'complete', entries: 400, calls: { made: 4, budget: 4 } });
    expect(second.rows).toEqual(first.rows);
    expect(runsOf(second.manifest, 'p')).toEqual(['run_id=run-2026-11-23']);
  });

  test('it costs no read and no write of its own', async () => {
    const lake = memoryLake();
    const spotify = fakeSpotify(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`p${i}`, playlist(120)])));
    await week(lake, spotify, WEEKS[0]);
    const keys: string[] = [];
    const noting = <A extends unknown[], R>(work: (key: string, ...more: A) => R) => {
      return (key: string, ...more: A): R => {
        keys.push(key);
        return work(key, ...more);
      };
    };
    const noted = { ...lake, get: noting(lake.get), put: noting(lake.put), list: noting(lake.list) };
    const payload = { snapshotDate: '2026-11-30', runId: 'second', startedAt: '2026-11-30T06:00:00Z' };
    const now = () => new Date('2026-11-30T06:00:00Z');
    const { extract } = stages(noted, spotify, [...spotify.playlists.keys()], { now, consent: CONSENT });
    expect(await extract({ ...payload, playlistIds: null })).toMatchObject({ playlists: 60, entries: 7200 });
    expect(keys.filter((key) => key.includes('playlist_id='))).toEqual([]);
    expect(keys.length).toBeLessThan(20);
  });

  test('one that is in nobody’s list costs one call', async () => {
    const lake = memoryLake();
    const spotify = fakeSpotify({ p: { ...playlist(250), isUnlisted: true } });
    await week(lake, spotify, WEEKS[0]);
    const second = await week(lake, spotify, WEEKS[1], { consent: undefined });
    expect(second.calls).toEqual(['/v1/playlists/p']);
    expect(second.manifest.entries).toBe(250);
  });

  test('a list that is longer than what it saves is not read to its end', async () => {
    const lake = memoryLake();
    const others = Array.from({ length: 200 }, (_, index) => [`x${index}`, playlist(1)] as const);
    const spotify = fakeSpotify({ ...Object.fromEntries(others), p: playlist(1), q: playlist(1) });
    const deps = { playlistIds: ['p', 'q'] };
    await week(lake, spotify, WEEKS[0], deps);
    const { calls } = await week(lake, spotify, WEEKS[1], deps);
    expect(calls).toEqual(['/v1/me/playlists', '/v1/playlists/p', '/v1/playlists/q']);
  });

  test.each([
    [undefined, [6, 1, 1, 1, 6, 1]],
    [{ ...DEFAULT_READING, fullReadEveryWeeks: 2 }, [6, 1, 6, 1, 6, 1]],
    [{ ...DEFAULT_READING, fullReadEveryWeeks: 1 }, [6, 6, 6, 6, 6, 6]],
  ])('every fourth week a full read, or as the configuration says: %j', async (reading, expected) => {
    const lake = memoryLake();
    const spotify = fakeSpotify({ p: playlist(150), q: playlist(150) });
    const calls: number[] = [];
    for (const date of WEEKS) calls.push((await week(lake, spotify, date, { reading })).calls.length);
    expect(calls).toEqual(expected);
  });

  test('a full read before the pages expire', async () => {
    const lake = memoryLake();
    const spotify = fakeSpotify({ p: playlist(150), q: playlist(150) });
    const calls: number[] = [];
    for (const date of WEEKS) calls.push((await week(lake, spotify, date, { rawRetentionDays: 20 })).calls.length);
    // Seven days old, they are there next week still; fourteen days old, they are not.
    expect(calls).toEqual([6, 1, 6, 1, 6, 1]);
  });

  test('pages that are gone are read again', async () => {
    const lake = memoryLake();
    const spotify = fakeSpotify({ p: playlist(150), q: playlist(150) });
    const { manifest } = await week(lake, spotify, WEEKS[0]);
    await lake.remove([manifest.playlists[0]?.objects[1]?.key ?? '']);
    const second = await week(lake, spotify, WEEKS[1]);
    expect(runsOf(second.manifest, 'p')).toEqual(['run_id=run-2026-11-30']);
    expect(second.rows.playlist_items).toBe(300);
  });

  test('a week in which it could not be read does not hide the last complete one', async () => {
    const lake = memoryLake();
    const spotify = fakeSpotify({ p: playlist(150), q: playlist(150) });
    await week(lake, spotify, WEEKS[0]);
    const p = spotify.playlists.get('p') as FakePlaylist;
    Object.assign(p, { isForeign: true, snapshotId: 'hidden' });
    expect((await week(lake, spotify, WEEKS[1])).manifest.status).toBe('partial');
    Object.assign(p, { isForeign: false, snapshotId: 'v1' });
    expect((await week(lake, spotify, WEEKS[2])).calls).toEqual(['/v1/me/playlists']);
  });
});

describe('sources', () => {
  const spotify = () =>
    fakeSpotify({
      own: { ...playlist(3), name: 'Weekly favourites' },
      other: { ...playlist(2), name: 'Road trip' },
      friend: { ...playlist(4), name: 'weekly of a friend', owner: 'someone' },
      savedtracks: playlist(130),
    });
  const ids = ({ playlists }: Manifest) => playlists.map(({ playlist_id }) => playlist_id);
  test.each<[string, Partial<ReadingConfig>, string[]]>([
    ['owned', { myPlaylists: 'owned' }, ['own', 'other']],
    ['followed', { myPlaylists: 'followed' }, ['friend']],
    ['all', { myPlaylists: 'all' }, ['own', 'other', 'friend']],
    ['by name', { myPlaylists: 'all', namePattern: 'weekly*' }, ['own', 'friend']],
    ['owned, by name', { myPlaylists: 'owned', namePattern: '*.(' }, []],
    ['saved tracks too', { myPlaylists: 'followed', savedTracks: true }, ['friend', 'savedtracks']],
  ])('my playlists: %s', async (_name, reading, expected) => {
    const lake = memoryLake();
    const deps = { playlistIds: [], reading: { ...DEFAULT_READING, ...reading } };
    const run = week(lake, spotify(), WEEKS[0], deps);
    if (expected.length === 0) return expect(run).rejects.toMatchObject({ name: 'ConfigError' });
    expect(ids((await run).manifest)).toEqual(expected);
  });

  test('saved tracks: one row each, one call when nothing has changed, read again when something has', async () => {
    const lake = memoryLake();
    const served = spotify();
    const deps = { playlistIds: [], reading: { ...DEFAULT_READING, savedTracks: true } };
    const first = await week(lake, served, WEEKS[0], deps);
    expect(first.rows).toMatchObject({ playlists: 1, playlist_items: 130, tracks: 130 });
    expect(first.manifest.calls).toEqual({ made: 4, budget: 4 });
    expect((await week(lake, served, WEEKS[1], deps)).calls).toEqual(['/v1/me/tracks']);
    const saved = served.playlists.get('savedtracks') as FakePlaylist;
    saved.entries = [...tracks(1, 'new'), ...saved.entries.slice(1)];
    expect((await week(lake, served, WEEKS[2], deps)).calls).toHaveLength(4);
  });

  test('more than fifty playlists', async () => {
    const many = Array.from({ length: 120 }, (_, index) => [`p${index}`, playlist(1)] as const);
    const lake = memoryLake();
    const served = fakeSpotify(Object.fromEntries(many));
    const deps = { playlistIds: [], reading: { ...DEFAULT_READING, myPlaylists: 'all' as const } };
    const { manifest, calls } = await week(lake, served, WEEKS[0], deps);
    expect(manifest.playlists).toHaveLength(120);
    expect(calls.filter((call) => call.startsWith('/v1/me/playlists'))).toHaveLength(3);
  });

  test('without a user there is no list', async () => {
    const lake = memoryLake();
    const deps = { consent: undefined, reading: { ...DEFAULT_READING, myPlaylists: 'all' as const } };
    await expect(week(lake, spotify(), WEEKS[0], deps)).rejects.toMatchObject({ name: 'ConfigError' });
  });
});

test('the days that the consent still has are in the result and the manifest, and a notice when they are few', async () => {
  const lake = memoryLake();
  const spotify = fakeSpotify({ p: playlist(1) });
  const authorizedAt = '2026-06-02T12:00:00Z';
  const { extract } = stages(lake, spotify, ['p'], { consent: { authorizedAt, command: 'npm run auth' } });
  const payload = { snapshotDate: '2026-11-23', runId: 'r', startedAt: '2026-11-23T06:00:00Z', playlistIds: null };
  const result = await extract(payload);
  expect(result).toMatchObject({ tokenDaysLeft: 9, notice: expect.stringContaining('npm run auth') });
  const manifest = await readJson(lake, manifestKey(payload), ManifestSchema);
  expect(manifest?.token_days_left).toBe(9);
});
