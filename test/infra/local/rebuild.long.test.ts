import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Lake, readJson, writeJson } from '../../../functions/adapters/lake.ts';
import {
  manifestKey,
  partitionPrefix,
  partKey,
  publicationKey,
  type RunPlace,
} from '../../../functions/domain/lake-paths.ts';
import { type Manifest, ManifestSchema, PublicationSchema } from '../../../functions/domain/manifest.ts';
import { TABLE_NAMES, TABLES } from '../../../functions/domain/tables.ts';
import { openEngine } from '../../../infra/local/athena/engine.ts';
import { purge } from '../../../infra/local/purge.ts';
import { rebuild } from '../../../infra/local/rebuild.ts';
import { READERS_DATABASE } from '../../../infra/reader-views.ts';
import { fakeSpotify, tracks } from '../../support/fake-spotify.ts';
import { crawl, type LooseRow, parquetBytes } from '../../support/parquet-lake.ts';
import { readParquet } from '../../support/read-parquet.ts';
import { extractPayload, newLake, stages } from '../../support/stages.ts';

const [AA, BB] = ['a'.repeat(22), 'b'.repeat(22)];
const DATES = ['2026-11-16', '2026-11-23'];

/** Two weeks of two playlists, published. */
async function twoWeeks() {
  const { lake, lakeDir } = newLake();
  mkdirSync(join(lakeDir, 'logs'), { recursive: true });
  const spotify = fakeSpotify({
    [AA]: { snapshotId: 'v', entries: [...tracks(3), null] },
    [BB]: { snapshotId: 'v', entries: tracks(2, 'b') },
  });
  const { extract, transform, publish } = stages(lake, spotify, [AA, BB]);
  for (const snapshotDate of DATES) {
    const place = { snapshotDate, runId: 'on-the-day' };
    await extract(extractPayload({}, place));
    await transform(place);
    await publish({ ...place, status: 'complete' });
  }
  await crawl(lakeDir);
  return { lake, lakeDir };
}

/** Makes tables of a contract without lists of what a run has written: two columns of `tracks`, a table of its own. */
async function makeOld(lake: Lake, place: RunPlace) {
  const columns = TABLES.tracks.columns.filter(({ name }) => name === 'track_id' || name === 'name');
  for (const table of ['tracks', 'albums'] as const) {
    const key = partKey({ ...place, table, part: 0 });
    const stored = table === 'tracks' ? columns : TABLES.albums.columns.filter(({ name }) => name === 'album_id');
    const rows = await readParquet((await lake.get(key)) as Uint8Array, stored.map(({ name }) => name).join(', '));
    await lake.put(key, parquetBytes(stored, rows as LooseRow[]), 'application/vnd.apache.parquet');
  }
  await lake.put(`${partitionPrefix('track_artists', place)}part-00000.parquet`, Buffer.from(AA), 'text/plain');
}

const runOf = async (lake: Lake, date: string) =>
  (await readJson(lake, publicationKey(date), PublicationSchema))?.run_id;

async function bytesOf(lake: Lake, snapshotDate: string) {
  const runId = (await runOf(lake, snapshotDate)) ?? '';
  const files = TABLE_NAMES.map((table) => lake.get(partKey({ table, snapshotDate, runId, part: 0 })));
  return (await Promise.all(files)).map((bytes) => bytes && createHash('sha256').update(bytes).digest('hex'));
}

/** A command with what it says. */
function said() {
  const lines: string[] = [];
  return { lines, output: { log: (text: string) => lines.push(text), error: (text: string) => lines.push(text) } };
}

test('a rebuild gives the same bytes as on the day, in the range only, without Spotify', async () => {
  const { lake, lakeDir } = await twoWeeks();
  const before = await Promise.all(DATES.map((date) => bytesOf(lake, date)));
  const { lines, output } = said();
  expect(await rebuild(['--from', '2026-11-20', '--lake', lakeDir], output)).toBe(0);
  expect(lines).toHaveLength(1);
  expect(await runOf(lake, DATES[0] as string)).toBe('on-the-day');
  expect(await runOf(lake, DATES[1] as string)).toMatch(/^rebuild-/);
  expect(await Promise.all(DATES.map((date) => bytesOf(lake, date)))).toEqual(before);
});

test('a snapshot from before the lists answers, and has its artists by row again after a rebuild', async () => {
  const { lake, lakeDir } = await twoWeeks();
  await makeOld(lake, { snapshotDate: DATES[0] as string, runId: 'on-the-day' });
  const athena = await openEngine(lakeDir);
  const ask = async (sql: string) =>
    (await athena.query({ sql, database: READERS_DATABASE })).rows.map((row) => row.join(' '));
  const credits = (table: string) =>
    ask(`SELECT snapshot_date, count(*), min(artist_id), max(artist_position) FROM ${table} GROUP BY 1 ORDER BY 1`);
  const whole = (date: string | undefined, count: number) => `${date} ${count} ar 0`;
  expect(await ask('SELECT snapshot_date, count(*), count(artist_ids) FROM tracks GROUP BY 1 ORDER BY 1')).toEqual([
    `${DATES[0]} 5 0`,
    `${DATES[1]} 5 5`,
  ]);
  expect(await credits('track_artists')).toEqual([whole(DATES[1], 5)]);
  expect(await credits('album_artists')).toEqual([whole(DATES[1], 5)]);
  expect(await ask('SELECT snapshot_date, entries FROM artist_presence')).toEqual([`${DATES[1]} 5`]);

  expect(await rebuild(['--lake', lakeDir], said().output)).toBe(0);
  expect(await credits('track_artists')).toEqual([whole(DATES[0], 5), whole(DATES[1], 5)]);
  expect(await credits('album_artists')).toEqual([whole(DATES[0], 5), whole(DATES[1], 5)]);
  expect(await lake.list('transformed/track_artists/')).toEqual([]);
  athena.close();
});

test.each([
  ['of old dates', ['--before', '2026-11-30']],
  ['of a playlist, from a date made again and from one that goes whole', ['--playlist', AA]],
])('a purge %s takes the files of former tables too', async (_, target) => {
  const { lake, lakeDir } = await twoWeeks();
  for (const snapshotDate of DATES) await makeOld(lake, { snapshotDate, runId: 'on-the-day' });
  const expired = await lake.list(`raw/snapshot_date=${DATES[1]}/`);
  await lake.remove(expired.map(({ key }) => key));
  expect(await purge([...target, '--yes', '--lake', lakeDir], async () => false, said().output)).toBe(0);
  expect(await lake.list('transformed/track_artists/')).toEqual([]);
});

test('nothing to rebuild is a success that says so; a wrong date is refused', async () => {
  const { lakeDir } = newLake();
  const { lines, output } = said();
  expect(await rebuild(['--lake', lakeDir], output)).toBe(0);
  expect(lines.join()).toContain('nothing to rebuild');
  expect(await rebuild(['--from', '2026-02-30', '--lake', lakeDir], output)).toBe(2);
  expect(await rebuild(['--from', '2026-12-07', '--to', '2026-11-23', '--lake', lakeDir], output)).toBe(2);
});

async function playlistsIn(lakeDir: string): Promise<string[]> {
  const athena = await openEngine(lakeDir);
  const sql = 'SELECT snapshot_date, playlist_id FROM playlists ORDER BY 1, 2';
  const { rows } = await athena.query({ sql, database: READERS_DATABASE });
  athena.close();
  return rows.map((row) => row.join(' '));
}

test('purge --playlist: gone from raw, tables and views, the others stay', async () => {
  const { lake, lakeDir } = await twoWeeks();
  const { output } = said();
  expect(await purge(['--playlist', AA, '--lake', lakeDir], async () => false, output)).toBe(1);
  expect(await playlistsIn(lakeDir)).toHaveLength(4);
  expect(await purge(['--playlist', AA, '--lake', lakeDir], async () => true, output)).toBe(0);
  expect(await playlistsIn(lakeDir)).toEqual(DATES.map((date) => `${date} ${BB}`));
  for (const { key } of await lake.list('')) {
    expect(key).not.toContain(`playlist_id=${AA}`);
    if (!key.startsWith('logs/')) expect(Buffer.from((await lake.get(key)) ?? []).includes(AA)).toBe(false);
  }
});

/** Adds to the two weeks what `change` does, then purges the first playlist and gives what is left in the views. */
async function purgeAfter(change: (lake: Lake) => Promise<void>) {
  const { lake, lakeDir } = await twoWeeks();
  await change(lake);
  const { lines, output } = said();
  const code = await purge(['--playlist', AA, '--yes', '--lake', lakeDir], async () => false, output);
  return { code, text: lines.join('\n'), left: await playlistsIn(lakeDir) };
}

test('purge --playlist finds it in the tables when an earlier purge was cut off before it made them again', async () => {
  const { code, left } = await purgeAfter(async (lake) => {
    for (const snapshotDate of DATES) {
      const key = manifestKey({ snapshotDate, runId: 'on-the-day' });
      const manifest = (await readJson(lake, key, ManifestSchema)) as Manifest;
      await writeJson(lake, key, {
        ...manifest,
        playlists: manifest.playlists.filter((one) => one.playlist_id !== AA),
      });
    }
  });
  expect([code, left]).toEqual([0, DATES.map((date) => `${date} ${BB}`)]);
});

test('purge --playlist: a snapshot whose raw has expired goes whole, and that is said before', async () => {
  const { code, text, left } = await purgeAfter(async (lake) => {
    const expired = await lake.list(`raw/snapshot_date=${DATES[1]}/`);
    await lake.remove(expired.map(({ key }) => key));
  });
  expect([code, left]).toEqual([0, [`${DATES[0]} ${BB}`]]);
  expect(text).toContain(`${DATES[1]}: goes whole, because raw no longer has`);
});

test('purge --playlist: one that lacks a page of another playlist cannot be made again, and goes whole', async () => {
  const { text, left } = await purgeAfter(async (lake) => {
    const pages = await lake.list(`raw/snapshot_date=${DATES[0]}/run_id=on-the-day/playlist_id=${BB}/`);
    await lake.remove(pages.map(({ key }) => key).filter((key) => key.includes('read-')));
  });
  expect(left).not.toContainEqual(expect.stringContaining(AA));
  expect(text).toContain(`${DATES[0]}: goes whole`);
});

test('purge --before: older snapshots go, the others stay; twice is nothing to do', async () => {
  const { lake, lakeDir } = await twoWeeks();
  const { lines, output } = said();
  const before = () => purge(['--before', '2026-11-23', '--yes', '--lake', lakeDir], async () => false, output);
  expect(await before()).toBe(0);
  expect((await lake.list('')).filter(({ key }) => key.includes('2026-11-16'))).toEqual([]);
  expect(await playlistsIn(lakeDir)).toEqual([`2026-11-23 ${AA}`, `2026-11-23 ${BB}`]);
  expect([await before(), lines.at(-1)]).toEqual([0, expect.stringContaining('nothing of that')]);
});

test.each([[[]], [['--before', 'x']], [['--playlist', 'a'.repeat(22), '--before', '2026-11-23']], [['--nonsense']]])(
  'purge %j is refused',
  async (argv) => {
    expect(await purge(argv, async () => true, said().output)).toBe(2);
  },
);
