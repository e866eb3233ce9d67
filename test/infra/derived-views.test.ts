import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DERIVED_VIEWS, derivedViewSql } from '../../infra/derived-views.ts';
import { type AthenaEngine, openEngine } from '../../infra/local/athena/engine.ts';
import { READERS_DATABASE } from '../../infra/reader-views.ts';
import { crawl, type LooseTables, publish, temporaryFolder, writeTables } from '../support/parquet-lake.ts';

const lakeDir = temporaryFolder();
let athena: AthenaEngine;

/** A week of one playlist: letters are tracks in order, `_` an entry that is gone, `L` a local file. */
function week(order: string, status = 'complete'): LooseTables {
  const entries = [...order].map((letter, position) => {
    if (letter === '_') return { playlist_id: 'p', position, kind: 'unavailable' };
    if (letter === 'L') return { playlist_id: 'p', position, kind: 'local', uri: 'spotify:local:L', title: 'L' };
    const track = { track_id: letter, uri: `spotify:track:${letter}`, title: letter, artist_names: `by ${letter}` };
    return { playlist_id: 'p', position, kind: 'track', duration_ms: 1000, ...track };
  });
  const ids = [...new Set([...order].filter((letter) => letter !== '_' && letter !== 'L'))];
  return {
    playlists: [{ playlist_id: 'p', name: 'Mix', status, total: status === 'complete' ? order.length : null }],
    playlist_items: entries,
    tracks: ids.map((track_id) => ({ track_id, artist_ids: [null, 'x', 'y'] })),
    albums: [{ album_id: 'o', artist_ids: [] }],
    artists: [{ artist_id: 'x', name: 'X' }],
  };
}

const WEEKS: [date: string, LooseTables][] = [
  ['2026-11-02', week('ABCD_')],
  ['2026-11-09', week('ABCD_')],
  ['2026-11-16', week('', 'forbidden')],
  ['2026-11-23', week('ZCDAAL')],
  ['2026-11-30', week('ZCABL')],
];

beforeAll(async () => {
  for (const [snapshotDate, tables] of WEEKS) {
    await writeTables(lakeDir, { snapshotDate, runId: 'run' }, tables);
    await publish(lakeDir, { snapshotDate, runId: 'run' });
  }
  await writeTables(lakeDir, { snapshotDate: '2026-12-07', runId: 'run' }, week('Q'));
  await crawl(lakeDir);
  athena = await openEngine(lakeDir);
});
afterAll(() => athena.close());

const ask = async (sql: string) =>
  (await athena.query({ sql, database: READERS_DATABASE })).rows.map((row) => row.join(' '));

test('each file in infra/views is a view', () => {
  const files = readdirSync(new URL('../../infra/views/', import.meta.url));
  expect(files).toEqual(DERIVED_VIEWS.map(({ name }) => `${name}.sql`).sort());
});

describe.each(DERIVED_VIEWS)('the view $name', (view) => {
  test('has the columns and types that the catalogue is told', async () => {
    const { columns } = await athena.query({ sql: `SELECT * FROM ${view.name}`, database: READERS_DATABASE });
    const trino: Record<string, string> = { string: 'varchar', int: 'integer', timestamp: 'timestamp' };
    expect(columns.map(({ name, type }) => [name, type])).toEqual(
      view.columns.map(([name, type]) => [name, trino[type] ?? type]),
    );
  });

  test('reads what is published only', () => {
    const sources = [...derivedViewSql(view).matchAll(/(?:FROM|JOIN) (?!UNNEST\b)([\w.]+)/g)].map(
      ([, source = '']) => source,
    );
    const own = [...derivedViewSql(view).matchAll(/(\w+) AS \(/g)].map(([, name]) => name);
    for (const source of sources) expect(own.includes(source) || source.startsWith('playlist_lake.')).toBe(true);
  });
});

test('the latest entries are those of the last week that is published and could be read', async () => {
  const rows = await ask('SELECT playlist_name, title, snapshot_date FROM latest_playlist_items ORDER BY position');
  expect(rows).toEqual(['Z', 'C', 'A', 'B', 'L'].map((title) => `Mix ${title} 2026-11-30`));
});

test('changes: added, removed, moved, against the last week in which the playlist could be read', async () => {
  const rows = await ask(`SELECT snapshot_date, previous_date, change, coalesce(title, kind)
    FROM playlist_changes ORDER BY snapshot_date, change, coalesce(title, kind)`);
  const third = '2026-11-23 2026-11-09';
  const fourth = '2026-11-30 2026-11-23';
  expect(rows).toEqual([
    `${third} added A`,
    `${third} added L`,
    `${third} added Z`,
    `${third} moved A`,
    `${third} moved C`,
    `${third} moved D`,
    `${third} removed B`,
    `${third} removed unavailable`,
    `${fourth} added B`,
    `${fourth} removed A`,
    `${fourth} removed D`,
  ]);
});

test('tenure: weeks without the track do not count', async () => {
  const rows = await ask(
    'SELECT track_id, first_seen, last_seen, weeks_present, is_present FROM track_tenure ORDER BY track_id',
  );
  expect(rows).toEqual([
    'A 2026-11-02 2026-11-30 4 true',
    'B 2026-11-02 2026-11-30 3 true',
    'C 2026-11-02 2026-11-30 4 true',
    'D 2026-11-02 2026-11-23 3 false',
    'Z 2026-11-23 2026-11-30 2 true',
  ]);
});

test('artists by row: the place in the list is the position, an unknown artist has none, an empty list has no row', async () => {
  const date = "snapshot_date = '2026-11-30'";
  expect(
    await ask(`SELECT track_id, artist_position, artist_id FROM track_artists WHERE ${date} ORDER BY 1, 2`),
  ).toEqual([...['A', 'B', 'C', 'Z'].flatMap((track) => [`${track} 1 x`, `${track} 2 y`])]);
  expect(await ask('SELECT * FROM album_artists')).toEqual([]);
  expect(await ask(`SELECT count(*) FROM albums WHERE ${date}`)).toEqual(['1']);
});

test('an artist’s presence and a playlist’s summary count entries, not tracks', async () => {
  expect(
    await ask("SELECT entries, tracks, playlists FROM artist_presence WHERE snapshot_date = '2026-11-23'"),
  ).toEqual(['5 4 1']);
  const summary =
    await ask(`SELECT status, total, entries, tracks, local_files, unavailable, different_tracks, duration_ms
    FROM playlist_summary ORDER BY snapshot_date`);
  expect(summary).toEqual([
    'complete 5 5 4 0 1 4 4000',
    'complete 5 5 4 0 1 4 4000',
    'forbidden  0 0 0 0 0 0',
    'complete 6 6 5 1 0 4 5000',
    'complete 5 5 4 1 0 4 4000',
  ]);
});
