import { describe, expect, test } from '@jest/globals';
import { type Lake, readJson } from '../../functions/adapters/lake.ts';
import { manifestKey, parseRawKey } from '../../functions/domain/lake-paths.ts';
import { ManifestSchema } from '../../functions/domain/manifest.ts';
import { type FakePlaylist, type FakeSpotify, fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { memoryLake } from '../support/memory-lake.ts';
import { extractPayload, PLACE, stages } from '../support/stages.ts';

/** Three calls for `a` after the first, one for `b`, four for `c`. */
const FOUR = (): Record<string, FakePlaylist> => ({
  a: { snapshotId: 'a1', entries: tracks(250, 'a') },
  b: { snapshotId: 'b1', entries: tracks(30, 'b') },
  c: { snapshotId: 'c1', entries: tracks(180, 'c') },
  d: { snapshotId: 'd1', entries: [] },
});
const IDS = ['a', 'b', 'c', 'd'];

/** One execution of the date; the lake may break off. */
const execute = (lake: Lake, spotify: FakeSpotify, runId: string) =>
  stages(lake, spotify, IDS).extract(extractPayload({}, { ...PLACE, runId }));
const manifestOf = (lake: Lake, runId: string) => readJson(lake, manifestKey({ ...PLACE, runId }), ManifestSchema);

/** A lake on which the process dies at one write: nothing after it happens, neither writes nor reads. */
function dyingLake(lake: Lake, at: number, when: 'before' | 'after'): { lake: Lake; writes: () => number } {
  let writes = 0;
  let dead = false;
  const die = () => {
    dead = true;
    throw new Error('killed');
  };
  const put: Lake['put'] = async (...args) => {
    if (dead) throw new Error('dead');
    writes += 1;
    if (writes === at && when === 'before') die();
    await lake.put(...args);
    if (writes === at) die();
  };
  return { lake: { ...lake, put }, writes: () => writes };
}

/** What the entries of a manifest are, wherever their pages stand. */
async function fingerprint(lake: Lake, runId: string) {
  const manifest = await manifestOf(lake, runId);
  return manifest?.playlists.map(({ playlist_id, snapshot_id, total, objects }) => ({
    playlist_id,
    snapshot_id,
    total,
    pages: objects.map(({ offset, entries, sha256 }) => ({ offset, entries, sha256 })),
  }));
}

/** The calls whose pages are in the lake; a first page is not told from the look at the end, so it is left out. */
const pageCalls = (objects: readonly { key: string }[]) =>
  objects.flatMap(({ key }) => {
    const page = parseRawKey(key);
    return page && page.offset > 0 ? [`/v1/playlists/${page.playlistId}/items?offset=${page.offset}&limit=50`] : [];
  });

describe('cut off at any write, then a new execution with the same date', () => {
  const undisturbed = async () => {
    const lake = memoryLake();
    const counted = dyingLake(lake, 0, 'before');
    const spotify = fakeSpotify(FOUR());
    await execute(counted.lake, spotify, 'whole');
    return { writes: counted.writes(), calls: spotify.calls, pages: await fingerprint(lake, 'whole') };
  };
  const whole = undisturbed();

  test.each(['before', 'after'] as const)('%s it', async (when) => {
    const { writes, calls, pages } = await whole;
    expect(writes).toBeGreaterThan(15);
    for (let at = 1; at < writes; at += 1) {
      const lake = memoryLake();
      const spotify = fakeSpotify(FOUR());
      const first = execute(dyingLake(lake, at, when).lake, spotify, 'first');
      // The last two writes are the manifest and the counters: the work is done by then.
      await first.catch(() => undefined);
      const made = spotify.calls.length;
      const stored = pageCalls(await lake.list('raw/'));
      if (!(await manifestOf(lake, 'first'))) await execute(lake, spotify, 'second');
      const done = (await manifestOf(lake, 'first')) ? 'first' : 'second';
      expect({ at, pages: await fingerprint(lake, done) }).toEqual({ at, pages });
      // No page that was stored is asked for again, and of the other calls two at the most: progress is written while
      // the next call is made already.
      const again = spotify.calls.filter((call, index) => index >= made && stored.includes(call));
      expect({ at, again }).toEqual({ at, again: [] });
      expect(spotify.calls.length).toBeLessThanOrEqual(calls.length + 2);
    }
  });
});

test('every execution is cut off after a few writes: the next ones finish all the same, and ask for no page twice', async () => {
  const lake = memoryLake();
  const spotify = fakeSpotify(FOUR());
  for (let number = 1; number < 30; number += 1) {
    const stored = pageCalls(await lake.list('raw/'));
    const made = spotify.calls.length;
    // Six are the counters, what was taken over, and at least one thing new.
    const lastingSixWrites = number < 29 ? dyingLake(lake, 6, 'after').lake : lake;
    await execute(lastingSixWrites, spotify, `run-${number}`).catch(() => undefined);
    expect(spotify.calls.slice(made).filter((call) => stored.includes(call))).toEqual([]);
  }
  expect((await manifestOf(lake, 'run-29'))?.entries).toBe(460);
});

test('what another execution holds of another version is read again', async () => {
  const lake = memoryLake();
  const playlists = FOUR();
  const spotify = fakeSpotify(playlists);
  await execute(dyingLake(lake, 6, 'after').lake, spotify, 'first').catch(() => undefined);
  const edited = spotify.playlists.get('a') as FakePlaylist;
  edited.entries = tracks(260, 'new');
  edited.snapshotId = 'a2';
  await execute(lake, spotify, 'second');
  const record = (await manifestOf(lake, 'second'))?.playlists[0];
  expect(record).toMatchObject({ snapshot_id: 'a2', total: 260 });
  expect(record?.objects.every(({ key }) => key.includes('run_id=second'))).toBe(true);
});

test('pages of another market are other pages', async () => {
  const lake = memoryLake();
  const spotify = fakeSpotify(FOUR());
  await execute(dyingLake(lake, 6, 'after').lake, spotify, 'first').catch(() => undefined);
  const before = spotify.calls.length;
  const { extract } = stages(lake, spotify, IDS, { market: 'DE' });
  await extract(extractPayload({}, { ...PLACE, runId: 'second' }));
  expect(spotify.calls.slice(before)).toContain('/v1/playlists/a/items?offset=100&limit=50');
});

test('two executions for one date at once: each its own manifest, the same entries', async () => {
  const lake = memoryLake();
  const spotify = fakeSpotify(FOUR());
  await Promise.all([execute(lake, spotify, 'one'), execute(lake, spotify, 'two')]);
  expect(await fingerprint(lake, 'one')).toEqual(await fingerprint(lake, 'two'));
  for (const runId of ['one', 'two']) {
    await expect(stages(lake, spotify, IDS).transform({ ...PLACE, runId })).resolves.toMatchObject({
      rows: { playlist_items: 460 },
    });
  }
});

describe('waiting', () => {
  const waiting = (retryAt: string) =>
    fakeSpotify(FOUR(), { interfere: () => ({ outcome: 'wait', retryAt, reason: '429' }) });

  test('QUOTA_EXCEEDED: no further call in that run until retryAt, in another process neither', async () => {
    const lake = memoryLake();
    const retryAt = '2026-11-23T20:00:00Z';
    await execute(lake, waiting(retryAt), 'first');
    const spotify = fakeSpotify(FOUR());
    expect(await execute(lake, spotify, 'first')).toMatchObject({ status: 'wait', retryAt });
    expect(spotify.calls).toEqual([]);
  });

  test('more than 48 hours in all: a named error that says until when', async () => {
    const lake = memoryLake();
    const wait = (from: string, retryAt: string) =>
      stages(lake, waiting(retryAt), IDS, { now: () => new Date(from) }).extract(extractPayload());
    await wait('2026-11-23T06:00:00Z', '2026-11-24T06:00:00Z');
    await wait('2026-11-24T06:00:00Z', '2026-11-25T06:00:00Z');
    // The state is tried again after the error: it stays one.
    for (const _try of [1, 2]) {
      await expect(wait('2026-11-25T06:00:00Z', '2026-11-25T07:00:00Z')).rejects.toMatchObject({
        name: 'SpotifyUnavailableError',
        message: expect.stringContaining('2026-11-25T07:00:00Z'),
      });
    }
  });
});
