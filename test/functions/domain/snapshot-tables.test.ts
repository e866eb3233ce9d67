import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { flattenEntry } from '../../../functions/domain/flatten.ts';
import { createTableWriter } from '../../../functions/domain/parquet.ts';
import { createSnapshotTables } from '../../../functions/domain/snapshot-tables.ts';
import { type Row, TABLE_NAMES, TABLES, type TableName } from '../../../functions/domain/tables.ts';
import { tracks } from '../../support/fake-spotify.ts';
import { readFooter, readParquet } from '../../support/read-parquet.ts';

/** Gathers entries and reads the tables back by SQL. */
async function tablesOf(entries: readonly unknown[]) {
  const tables = createSnapshotTables();
  for (const [position, item] of entries.entries()) {
    tables.addEntry(flattenEntry(item, { playlistId: 'P', position, keepPersonalData: false }));
  }
  const files = [...tables.finish()];
  const read = await Promise.all(files.map(async ({ table, bytes }) => [table, await readParquet(bytes)] as const));
  return Object.fromEntries(read) as Record<TableName, Record<string, unknown>[]>;
}

const wrap = (items: readonly unknown[]) => items.map((item) => ({ added_at: null, item }));
const [track] = tracks(1) as [{ album: object }];

describe('two spellings in one run: the first stays', () => {
  test('of a track', async () => {
    const { tracks: rows, playlist_items } = await tablesOf(wrap([track, { ...track, name: 'Other' }]));
    expect(rows.map(({ name }) => name)).toEqual(['Track t0']);
    expect(playlist_items.map(({ title }) => title)).toEqual(['Track t0', 'Other']);
  });

  test('of an album, and its artists come from the same spelling', async () => {
    const other = { ...track, id: 't9', album: { ...track.album, name: 'Other', artists: [{ id: 'x', name: 'X' }] } };
    const { albums, artists } = await tablesOf(wrap([track, other]));
    expect(albums.map(({ name }) => name)).toEqual(['Album']);
    expect(albums.map(({ artist_ids }) => artist_ids)).toEqual([['ar']]);
    expect(artists.map(({ artist_id }) => artist_id)).toEqual(['ar']);
  });

  test('of an artist', async () => {
    const other = { ...track, id: 't9', artists: [{ id: 'ar', name: 'ARTIST' }] };
    expect((await tablesOf(wrap([track, other]))).artists.map(({ name }) => name)).toEqual(['Artist']);
  });
});

test('an artist of an album alone is an artist too', async () => {
  const various = { ...track, album: { ...track.album, artists: [{ id: 'va', name: 'Various Artists' }] } };
  const { artists } = await tablesOf(wrap([various]));
  expect(artists.map(({ artist_id }) => artist_id)).toEqual(['ar', 'va']);
});

test('odd names survive a round trip through Parquet and SQL', async () => {
  const golden = (file: string) =>
    JSON.parse(readFileSync(new URL(`golden/odd-names/${file}.json`, import.meta.url), 'utf8'));
  const { playlist_items } = await tablesOf(golden('entries'));
  const expected = golden('rows').playlist_items.map((row: { title: string }) => row.title);
  expect(playlist_items.map(({ title }) => title)).toEqual(expected);
  expect(expected).toContain('a�b');
});

test('the same track twice in a playlist is two entries and one track', async () => {
  const { playlist_items, tracks: rows } = await tablesOf(wrap([track, track]));
  expect([playlist_items.length, rows.length]).toEqual([2, 1]);
});

test('tables without rows are files that say their columns', async () => {
  const read = await tablesOf([]);
  for (const table of TABLE_NAMES) expect(read[table]).toEqual([]);
});

test('more rows than a row group holds come back in order', async () => {
  const writer = createTableWriter('artists');
  const count = 100_001;
  for (let index = 0; index < count; index += 1) {
    writer.append({ artist_id: `id-${index}`, name: null, uri: null, external_url: null });
  }
  const rows = await readParquet(writer.finish() as Uint8Array);
  expect(rows).toHaveLength(count);
  expect([rows[90_000]?.artist_id, rows[count - 1]?.artist_id]).toEqual(['id-90000', 'id-100000']);
});

test('wide rows, and wide lists, make row groups of their own before there are many', async () => {
  const wide = 'x'.repeat(3 << 20);
  const rejected = createTableWriter('rejected_items');
  for (let position = 0; position < 13; position += 1) {
    rejected.append({ playlist_id: 'p', position, reason: 'r', raw_json: `${position}${wide}` });
  }
  const tracks = createTableWriter('tracks');
  const row = Object.fromEntries(TABLES.tracks.columns.map(({ name }) => [name, null])) as unknown as Row<'tracks'>;
  for (let index = 0; index < 13; index += 1) {
    tracks.append({ ...row, track_id: `${index}`, artist_ids: [wide, null, `${index}`] });
  }
  for (const [file, key] of [
    [rejected.finish() as Uint8Array, 'position'],
    [tracks.finish() as Uint8Array, 'track_id'],
  ] as const) {
    const groups = await readFooter(file, 'row_group_num_rows as held, column_id');
    expect(groups.flatMap(({ held, column_id }) => (column_id === '0' ? Number(held) : []))).toEqual([6, 6, 1]);
    const read = await readParquet(file, key);
    expect(read.map((cells) => Number(cells[key]))).toEqual(Array.from({ length: 13 }, (_, index) => index));
  }
});

const rejected: Row<'rejected_items'> = { playlist_id: 'p', position: 0, reason: '', raw_json: '' };

test.each([
  ['rejected_items', { ...rejected, position: 2 ** 31 }],
  ['rejected_items', { ...rejected, position: 1.5 }],
  ['rejected_items', { ...rejected, position: '1' }],
  ['rejected_items', { ...rejected, position: null }],
  ['rejected_items', { ...rejected, reason: null }],
  ['rejected_items', { ...rejected, reason: 1 }],
  ['playlist_items', { playlist_id: 'p', position: 0, kind: 'track', explicit: 1 }],
  ['playlist_items', { playlist_id: 'p', position: 0, kind: 'track', title: undefined }],
  ['playlist_items', { playlist_id: 'p', position: 0, kind: 'track', added_at: new Date(Number.NaN) }],
  ['playlist_items', { playlist_id: 'p', position: 0, kind: 'track', added_at: 1 }],
  ['albums', { album_id: 'a', artist_ids: [], release_date: new Date(1) }],
  ['albums', { album_id: 'a', artist_ids: [], release_date: '1981-12-15' }],
] as const)('a value of the wrong type is refused, not written: %s %j', (table, wrong) => {
  const nothing = Object.fromEntries(TABLES[table].columns.map(({ name }) => [name, null]));
  const append = (row: object) => createTableWriter(table).append(row as never);
  expect(() => append({ ...nothing, ...wrong })).toThrow(TypeError);
});
