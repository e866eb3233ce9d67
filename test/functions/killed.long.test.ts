import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLake, readJson } from '../../functions/adapters/lake.ts';
import { manifestKey, parseRawKey } from '../../functions/domain/lake-paths.ts';
import { ManifestSchema } from '../../functions/domain/manifest.ts';
import { createFileS3Client } from '../../infra/local/s3/file-s3.ts';
import { type FakePlaylist, fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { startFaultySpotify } from '../support/faulty-spotify.ts';
import { PLACE, stages } from '../support/stages.ts';

const CHILD = new URL('../support/read-in-child.ts', import.meta.url).pathname;
const PLAYLISTS: Record<string, FakePlaylist> = {
  p: { snapshotId: 'v1', entries: tracks(230) },
  q: { snapshotId: 'v1', entries: tracks(20) },
};
const PAGE = 'additional_types=track%2Cepisode&limit=50';
/** The playlist and its pages, and the look at the end. */
const CALLS = 1 + 3 + 1 + 1;

/** Resolves to the signal that ended the child, or its exit code. */
async function readInChild(
  url: string,
  lakeDir: string,
  runId: string,
  killAt: number,
  onStart = (_: () => void) => {},
) {
  const args = [CHILD, url, lakeDir, runId, Object.keys(PLAYLISTS).join(','), String(killAt)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  onStart(() => child.kill('SIGKILL'));
  const [code, signal] = await once(child, 'exit');
  return signal ?? code;
}

async function rowsOf(lakeDir: string, runId: string) {
  const lake = createLake({ client: createFileS3Client(lakeDir), bucket: 'lake' });
  const { rows } = await stages(lake, fakeSpotify({}), []).transform({ ...PLACE, runId });
  return { rows, manifest: await readJson(lake, manifestKey({ ...PLACE, runId }), ManifestSchema) };
}

const newDir = () => mkdtempSync(join(tmpdir(), 'playlist-lake-'));

/** The calls whose pages are in the lake; a first page is not told from the look at the end, so it is left out. */
async function heldPages(lakeDir: string): Promise<string[]> {
  const lake = createLake({ client: createFileS3Client(lakeDir), bucket: 'lake' });
  return (await lake.list('raw/')).flatMap(({ key }) => {
    const page = parseRawKey(key);
    return page && page.offset > 0 ? [`GET /v1/playlists/${page.playlistId}/items?${PAGE}&offset=${page.offset}`] : [];
  });
}

test.each([
  ['as soon as Spotify is asked', 0, 3],
  ['while Spotify takes its time', 200, 2],
])(
  'SIGKILL at every page boundary, %s: no page that is held is asked for again',
  async (_name, afterMs, most) => {
    const lakeDir = newDir();
    let kill = () => {};
    const asked = new Map<string, number>();
    // The process dies at each call when it is made for the first time: the answer never gets there.
    const server = await startFaultySpotify(PLAYLISTS, {
      regime: 'C',
      onCall: async (call) => {
        if (call.startsWith('POST')) return;
        const isLook = call.includes('/p?') && asked.has(`GET /v1/playlists/p/items?${PAGE}&offset=200`);
        const name = isLook ? 'the look at the end' : call;
        asked.set(name, (asked.get(name) ?? 0) + 1);
        if (asked.get(name) !== 1) return;
        if (afterMs > 0) await sleep(afterMs);
        kill();
      },
    });
    try {
      const ends: unknown[] = [];
      for (let run = 0; ends.at(-1) !== 0 && run < 12; run += 1) {
        const held = await heldPages(lakeDir);
        const made = server.calls.length;
        ends.push(
          await readInChild(server.url, lakeDir, `run-${run}`, 0, (end) => {
            kill = end;
          }),
        );
        expect(server.calls.slice(made).filter((call) => held.includes(call))).toEqual([]);
      }
      expect(ends).toEqual([...Array(CALLS).fill('SIGKILL'), 0]);
      // A page costs a second call since the process died at the first one, and a third where it dies at the next call so
      // soon that this page is not stored yet. The look at the end is no page: it is made once more when the process dies before it is noted.
      const pages = [...asked].filter(([name]) => name !== 'the look at the end');
      expect(pages.filter(([, times]) => times > most)).toEqual([]);
      expect(asked.get('the look at the end')).toBeLessThanOrEqual(3);
      const { rows, manifest } = await rowsOf(lakeDir, `run-${CALLS}`);
      expect(rows.playlist_items).toBe(250);
      expect(manifest?.entries).toBe(250);
    } finally {
      await server.close();
    }
  },
  60_000,
);

test('SIGKILL in the middle of a write, again and again: the same rows as without', async () => {
  const lakeDir = newDir();
  const server = await startFaultySpotify(PLAYLISTS, { regime: 'C' });
  try {
    const ends: unknown[] = [];
    for (const [run, killAt] of [2, 3, 4, 5, 0].entries()) {
      ends.push(await readInChild(server.url, lakeDir, `run-${run}`, killAt));
    }
    expect(ends).toEqual([...Array(4).fill('SIGKILL'), 0]);
    expect((await rowsOf(lakeDir, 'run-4')).rows.playlist_items).toBe(250);
    // A write that did not get its name costs the call whose answer it held, and the one that was made meanwhile.
    const calls = server.calls.filter((call) => call.startsWith('GET')).length;
    expect(calls).toBeGreaterThanOrEqual(CALLS);
    expect(calls).toBeLessThanOrEqual(CALLS + 2 * 4);
  } finally {
    await server.close();
  }
}, 60_000);
