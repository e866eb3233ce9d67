import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunPlace } from '../../functions/domain/lake-paths.ts';
import {
  type Column,
  type ColumnType,
  PARTITION_COLUMNS,
  TABLE_NAMES,
  TABLES,
  type TableName,
} from '../../functions/domain/tables.ts';
import {
  DEFAULT_LIMITS,
  type ValidationLimits,
  validationParameters,
} from '../../functions/domain/validation-parameters.ts';
import { validationWithContract } from '../../infra/generate.ts';
import { type AthenaEngine, openEngine } from '../../infra/local/athena/engine.ts';
import { STAGING_DATABASE } from '../../infra/reader-views.ts';
import { crawl, type LooseRow, temporaryFolder, writeTable, writeTables } from '../support/parquet-lake.ts';

const sql = readFileSync(join(import.meta.dirname, '../../statemachine/validation.sql'), 'utf8');
const statement = sql.replace(/--[^\n]*/g, '');

type Snapshot = Record<TableName, LooseRow[]>;

const item = (position: number, kind: string, ids: LooseRow = {}): LooseRow => ({
  playlist_id: 'mix',
  position,
  kind,
  ...ids,
});

/** Every kind of entry, a track twice, a rejected entry, an empty playlist and one that is gone. */
const goodSnapshot = (): Snapshot => ({
  playlists: [
    { playlist_id: 'mix', status: 'complete', total: 7 },
    { playlist_id: 'empty', status: 'complete', total: 0 },
    { playlist_id: 'lost', status: 'gone' },
  ],
  playlist_items: [
    item(0, 'track', { track_id: 't1' }),
    item(1, 'track', { track_id: 't2' }),
    item(2, 'track', { track_id: 't1' }),
    item(3, 'episode', { episode_id: 'e1' }),
    item(4, 'local'),
    item(5, 'unavailable'),
  ],
  rejected_items: [{ playlist_id: 'mix', position: 6, reason: 'not an object', raw_json: '7' }],
  tracks: [
    { track_id: 't1', album_id: 'al1', artist_ids: ['ar1', null, 'ar2'] },
    { track_id: 't2', album_id: 'al2', artist_ids: ['ar2'] },
    { track_id: 't3', album_id: null, artist_ids: [] },
  ],
  albums: [
    { album_id: 'al1', artist_ids: ['ar1'] },
    { album_id: 'al2', artist_ids: [null] },
  ],
  artists: [{ artist_id: 'ar1' }, { artist_id: 'ar2' }],
});

interface Fault {
  readonly check: string;
  readonly name: string;
  readonly detail: string;
  readonly violations?: number;
  readonly spoil: (snapshot: Snapshot) => unknown;
}

const change = (row: LooseRow | undefined, values: LooseRow) => Object.assign(row ?? {}, values);
const repeat = (rows: LooseRow[]) => rows.push({ ...rows[0] });

const FAULTS: Fault[] = [
  {
    check: 'snapshot_present',
    name: 'a run without a row',
    detail: 'no playlist',
    spoil: (all) => TABLE_NAMES.map((table) => all[table].splice(0)),
  },
  {
    check: 'conservation',
    name: 'fewer entries than total',
    detail: 'mix',
    spoil: (all) => change(all.playlists[0], { total: 8 }),
  },
  {
    check: 'conservation',
    name: 'more entries than total',
    detail: 'mix',
    spoil: (all) => change(all.playlists[0], { total: 6 }),
  },
  {
    check: 'conservation',
    name: 'entries in an empty playlist, and a total that nobody gave',
    detail: 'empty, mix',
    violations: 2,
    spoil: (all) => {
      change(all.playlists[0], { total: null });
      all.playlist_items.push({ playlist_id: 'empty', position: 0, kind: 'local' });
    },
  },
  {
    check: 'conservation',
    name: 'a total for a playlist that is gone',
    detail: 'lost',
    spoil: (all) => change(all.playlists[2], { total: 0 }),
  },
  {
    check: 'conservation',
    name: 'entries of a playlist that is gone',
    detail: 'lost',
    spoil: (all) => all.rejected_items.push({ playlist_id: 'lost', position: 0, reason: 'x', raw_json: '{}' }),
  },
  {
    check: 'positions',
    name: 'a gap',
    detail: 'mix',
    spoil: (all) => change(all.rejected_items[0], { position: 7 }),
  },
  {
    check: 'positions',
    name: 'a start below 0',
    detail: 'mix',
    spoil: (all) => change(all.playlist_items[0], { position: -1 }),
  },
  {
    check: 'positions',
    name: 'an item that is rejected as well',
    detail: 'mix',
    spoil: (all) => change(all.rejected_items[0], { position: 5 }),
  },
  {
    check: 'kinds',
    name: 'kinds that do not fit their ids, and an unknown one',
    detail: 'mix/0, mix/3, mix/4',
    violations: 4,
    spoil: ({ playlist_items: items }) => {
      change(items[0], { track_id: null });
      change(items[3], { track_id: 't1' });
      change(items[4], { episode_id: 'e1' });
      change(items[5], { kind: 'advert' });
    },
  },
  {
    check: 'duplicate_playlists',
    name: 'twice',
    detail: 'lost',
    spoil: ({ playlists }) => playlists.push({ ...playlists[2] }),
  },
  {
    check: 'duplicate_playlist_items',
    name: 'twice',
    detail: 'mix/0',
    spoil: (all) => {
      repeat(all.playlist_items);
      change(all.playlists[0], { total: 8 });
    },
  },
  { check: 'duplicate_tracks', name: 'twice', detail: 't1', spoil: (all) => repeat(all.tracks) },
  { check: 'duplicate_albums', name: 'twice', detail: 'al1', spoil: (all) => repeat(all.albums) },
  { check: 'duplicate_artists', name: 'twice', detail: 'ar1', spoil: (all) => repeat(all.artists) },
  {
    check: 'duplicate_rejected_items',
    name: 'twice',
    detail: 'mix/6',
    spoil: (all) => {
      repeat(all.rejected_items);
      change(all.playlists[0], { total: 8 });
    },
  },
  { check: 'null_playlists', name: 'no key', detail: 'null', spoil: (all) => all.playlists.push({ status: 'gone' }) },
  {
    check: 'null_playlist_items',
    name: 'no key',
    detail: 'null/9',
    spoil: (all) => all.playlist_items.push({ position: 9, kind: 'local' }),
  },
  {
    check: 'null_tracks',
    name: 'no key',
    detail: 'null',
    spoil: (all) => all.tracks.push({ album_id: 'al1', artist_ids: [] }),
  },
  { check: 'null_albums', name: 'no key', detail: 'null', spoil: (all) => all.albums.push({ artist_ids: [] }) },
  { check: 'null_tracks', name: 'no list', detail: 't3', spoil: (all) => change(all.tracks[2], { artist_ids: null }) },
  { check: 'null_albums', name: 'no list', detail: 'al2', spoil: (all) => change(all.albums[1], { artist_ids: null }) },
  { check: 'null_artists', name: 'no key', detail: 'null', spoil: (all) => all.artists.push({ name: 'x' }) },
  {
    check: 'null_rejected_items',
    name: 'no key',
    detail: 'mix/null',
    spoil: (all) => change(all.rejected_items[0], { position: null }),
  },
  {
    check: 'reference_playlist_items_playlists',
    name: 'an unknown id',
    detail: 'who',
    spoil: (all) => all.playlist_items.push({ playlist_id: 'who', position: 0, kind: 'local' }),
  },
  {
    check: 'reference_rejected_items_playlists',
    name: 'an unknown id',
    detail: 'who',
    spoil: (all) => all.rejected_items.push({ playlist_id: 'who', position: 0, reason: 'x', raw_json: '{}' }),
  },
  {
    check: 'reference_playlist_items_tracks',
    name: 'an unknown id',
    detail: 't9',
    spoil: (all) => change(all.playlist_items[0], { track_id: 't9' }),
  },
  {
    check: 'reference_tracks_albums',
    name: 'an unknown id',
    detail: 'al9',
    spoil: (all) => change(all.tracks[0], { album_id: 'al9' }),
  },
  {
    check: 'reference_tracks_artists',
    name: 'an unknown id',
    detail: 'ar9',
    spoil: (all) => change(all.tracks[0], { artist_ids: ['ar1', null, 'ar9'] }),
  },
  {
    check: 'reference_albums_artists',
    name: 'an unknown id',
    detail: 'ar9',
    spoil: (all) => change(all.albums[0], { artist_ids: ['ar9', 'ar1'] }),
  },
];

const DATE = '2026-11-23';
/** One of the seven entries of the good snapshot is rejected. */
const LIMITS: ValidationLimits = { ...DEFAULT_LIMITS, maxRejectedPercent: 100 };
/** The day on which the runs are looked at. */
const TODAY = '2026-11-25';
const GOOD: RunPlace = { snapshotDate: DATE, runId: 'good' };
const UNKNOWN: RunPlace = { snapshotDate: DATE, runId: 'unknown' };
const NULLS: RunPlace = { snapshotDate: DATE, runId: 'nulls' };
const SPOILT: RunPlace = { snapshotDate: DATE, runId: 'spoilt' };

const requiredColumns = (table: TableName) =>
  (TABLES[table].columns as readonly Column[]).filter((column) => !column.nullable);

const CELLS: Partial<Record<ColumnType, (text: string, row: number) => LooseRow[string]>> = {
  string: (text) => text,
  int: (_, row) => row,
  strings: (text) => [text],
};

/** One row for each required column of each table, null in that column alone. */
function nullSnapshot(): Snapshot {
  const rowsOf = (table: TableName) =>
    requiredColumns(table).map((absent, row) => {
      const cells = requiredColumns(table).map(({ name, type }) => [name, CELLS[type]?.(`${name}-${row}`, row)]);
      return { ...Object.fromEntries(cells), [absent.name]: null };
    });
  return Object.fromEntries(TABLE_NAMES.map((table) => [table, rowsOf(table)])) as Snapshot;
}

/** Checks with tests of their own below. */
const ELSEWHERE = ['catalogued_types', 'rejected_share', 'empty_tables', 'playlist_shrunk', 'snapshot_age'];

const lakeDir = temporaryFolder();
let spoilt = goodSnapshot();
let athena: AthenaEngine;

beforeAll(async () => {
  await writeTables(lakeDir, GOOD, goodSnapshot());
  await writeTables(lakeDir, { snapshotDate: '2026-11-16', runId: 'good' }, nullSnapshot());
  await writeTables(lakeDir, NULLS, nullSnapshot());
  await writeTables(lakeDir, SPOILT, spoilt);
  await crawl(lakeDir);
  athena = await openEngine(lakeDir);
});

afterAll(() => athena.close());

async function validate(place: RunPlace, more: { sql?: string; today?: string; limits?: ValidationLimits } = {}) {
  const parameters = validationParameters(place, more.today ?? TODAY, more.limits ?? LIMITS);
  const { rows } = await athena.query({ sql: more.sql ?? sql, database: STAGING_DATABASE, parameters });
  return rows.map(([check, violations, detail, severity]) => ({
    check: String(check),
    violations,
    detail: String(detail),
    severity: String(severity),
  }));
}

// The files of the last fault are still there: only the tables that differ from them are written.
async function writeSpoilt(spoil: Fault['spoil']): Promise<void> {
  const before = spoilt;
  spoilt = goodSnapshot();
  spoil(spoilt);
  for (const table of TABLE_NAMES) {
    if (isDeepStrictEqual(spoilt[table], before[table])) continue;
    await writeTable(lakeDir, SPOILT, table, spoilt[table]);
  }
}

describe('the text of the validation query', () => {
  test('reads each table once, in order, with the date and the run as parameters', () => {
    const reads = [...statement.matchAll(/FROM (\w+) WHERE snapshot_date = \? AND run_id = \?/g)].map(
      ([, table]) => table,
    );
    expect(reads).toEqual(TABLE_NAMES);
    expect([...sql.matchAll(/\?/g)]).toHaveLength(validationParameters(GOOD, TODAY).length);
    const tables = [...statement.matchAll(/(?:FROM|JOIN) (\w+)/g)].flatMap(([, name = '']) =>
      name in TABLES ? [name] : [],
    );
    expect(tables).toEqual([...TABLE_NAMES, 'playlists']);
  });

  test('holds the data contract as npm run generate writes it, and the database that the tables are in', () => {
    expect(validationWithContract(sql)).toBe(sql);
    expect(statement).toContain(`table_schema = '${STAGING_DATABASE}'`);
  });
});

describe('the parameters', () => {
  test('are SQL literals, one date and run a table', () => {
    const parameters = validationParameters(GOOD, TODAY);
    expect(parameters.slice(0, 2)).toEqual(["'2026-11-23'", "'good'"]);
    expect(parameters.slice(2 * TABLE_NAMES.length)).toEqual([
      "'2026-10-19'",
      "'2026-11-23'",
      "'2026-11-23'",
      "'2026-11-17'",
      '50',
      '10',
    ]);
  });
});

describe('a good snapshot', () => {
  test('has no violation in any check, whatever the other runs and dates hold', async () => {
    const [all, ...checks] = await validate(GOOD);
    expect(all).toEqual({ check: 'all_checks', violations: 0n, detail: 'none', severity: 'none' });
    expect(checks.filter(({ violations, detail }) => violations !== 0n || detail !== '')).toEqual([]);
  });

  test('answers with one row a check, and each check has a test here', async () => {
    const [, ...checks] = (await validate(GOOD)).map(({ check }) => check);
    expect(checks).toEqual([...new Set([...FAULTS.map(({ check }) => check), ...ELSEWHERE])]);
  });

  test('answers with the column types that the state machine reads', async () => {
    const { columns } = await athena.query({
      sql,
      database: STAGING_DATABASE,
      parameters: validationParameters(GOOD, TODAY),
    });
    expect(columns).toEqual([
      { name: 'check_name', type: 'varchar' },
      { name: 'violations', type: 'bigint' },
      { name: 'detail', type: 'varchar' },
      { name: 'severity', type: 'varchar' },
    ]);
  });
});

test('a run that nobody wrote is not present', async () => {
  const [all] = await validate(UNKNOWN);
  expect(all).toMatchObject({ check: 'all_checks', violations: 1n, severity: 'failure' });
  expect(all?.detail).toBe('snapshot_present (no playlist)');
});

test('each column that the contract requires is checked for null', async () => {
  const checks = await validate(NULLS);
  const nulls = TABLE_NAMES.map((table) => checks.find(({ check }) => check === `null_${table}`)?.violations);
  expect(nulls).toEqual(TABLE_NAMES.map((table) => BigInt(requiredColumns(table).length)));
});

test('several faults are added up and their checks named in order, with what they found', async () => {
  const [all, ...checks] = await validate(NULLS);
  const failed = checks.filter(({ violations, severity }) => violations !== 0n && severity === 'failure');
  expect(failed.length).toBeGreaterThan(TABLE_NAMES.length);
  expect(all).toEqual({
    check: 'all_checks',
    violations: failed.reduce((sum, { violations }) => sum + BigInt(String(violations)), 0n),
    detail: failed.map(({ check, detail }) => `${check} (${detail})`).join(', '),
    severity: 'failure',
  });
});

describe('what depends on the catalogue, the weeks before or the limits', () => {
  const found = (rows: Awaited<ReturnType<typeof validate>>) =>
    rows.slice(1).filter(({ violations }) => violations !== 0n);

  test('catalogued_types: a column of another type, and one that is not there', async () => {
    const other = sql.replace("'tracks.popularity integer'", "'tracks.popularity varchar'");
    const missing = sql.replace(
      "('tracks.popularity integer')",
      "('tracks.popularity integer'), ('tracks.mood varchar')",
    );
    const row = { check: 'catalogued_types', violations: 1n, severity: 'failure' };
    expect(found(await validate(GOOD, { sql: other }))).toEqual([{ ...row, detail: 'tracks.popularity varchar' }]);
    expect(found(await validate(GOOD, { sql: missing }))).toEqual([{ ...row, detail: 'tracks.mood varchar' }]);
  });

  test("catalogued_types: in the words of Athena's catalogue", async () => {
    const words: Record<string, string> = {
      string: 'varchar',
      int: 'integer',
      timestamp: 'timestamp(3)',
      strings: 'array(varchar)',
    };
    const rows = TABLE_NAMES.flatMap((table) =>
      [...TABLES[table].columns, ...PARTITION_COLUMNS].map(
        ({ name, type }) => `('${STAGING_DATABASE}', '${table}', '${name}', '${words[type] ?? type}')`,
      ),
    );
    const columns = 'AS columns (table_schema, table_name, column_name, data_type)';
    const inAthena = sql.replace('information_schema.columns', `(VALUES ${rows.join(', ')}) ${columns}`);
    expect(found(await validate(GOOD, { sql: inAthena }))).toEqual([]);
  });

  test('rejected_share: one of seven is 14 %', async () => {
    const limits = { ...DEFAULT_LIMITS, maxRejectedPercent: 14 };
    const [all, ...rows] = await validate(GOOD, { limits });
    expect(all).toMatchObject({ violations: 1n, detail: 'rejected_share (1 of 7)' });
    expect(found([all as (typeof rows)[0], ...rows])).toEqual([
      { check: 'rejected_share', violations: 1n, detail: '1 of 7', severity: 'failure' },
    ]);
    expect(found(await validate(GOOD, { limits: { ...limits, maxRejectedPercent: 15 } }))).toEqual([]);
  });

  const isWarned = async (check: string, detail: string, rows: ReturnType<typeof validate>) => {
    const [all, ...checks] = await rows;
    expect(all).toEqual({ check: 'all_checks', violations: 0n, detail: `${check} (${detail})`, severity: 'warning' });
    expect(checks.filter(({ violations }) => violations !== 0n)).toEqual([
      { check, violations: BigInt(detail.split(', ').length), detail, severity: 'warning' },
    ]);
  };

  test('snapshot_age is a warning', async () => {
    await isWarned('snapshot_age', DATE, validate(GOOD, { today: '2026-12-02' }));
    expect(found(await validate(GOOD, { today: '2026-12-01' }))).toEqual([]);
  });

  test('empty_tables is a warning', async () => {
    await writeSpoilt((all) => {
      all.playlist_items.splice(0, 4);
      for (const item of all.playlist_items) change(item, { position: Number(item.position) - 4 });
      change(all.playlists[0], { total: 2 });
      for (const table of ['rejected_items', 'tracks', 'artists'] as const) all[table].splice(0);
      for (const album of all.albums) change(album, { artist_ids: [] });
    });
    const [all, ...checks] = await validate(SPOILT);
    const detail = 'empty_tables (artists, tracks)';
    expect(all).toMatchObject({ violations: 0n, detail, severity: 'warning' });
    expect(found([all as (typeof checks)[0], ...checks])).toEqual([
      { check: 'empty_tables', violations: 2n, detail: 'artists, tracks', severity: 'warning' },
    ]);
  });

  test('playlist_shrunk is a warning: seven entries of fifteen are fewer than half', async () => {
    const former: RunPlace = { snapshotDate: '2026-11-02', runId: 'former' };
    const older: RunPlace = { snapshotDate: '2026-10-26', runId: 'older' };
    const held = (total: number) => ({ playlists: [{ playlist_id: 'mix', status: 'complete', total }] });
    await writeTables(lakeDir, older, held(7));
    await writeTables(lakeDir, former, held(15));
    await crawl(lakeDir);
    await isWarned('playlist_shrunk', 'mix from 15 to 7', validate(GOOD));
    await writeTables(lakeDir, former, held(14));
    expect(found(await validate(GOOD))).toEqual([]);
    for (const place of [older, former]) await writeTables(lakeDir, place, {});
  });
});

describe('a fault is found by its own check only', () => {
  test.each(FAULTS)('$check: $name', async ({ check, detail, violations = 1, spoil }) => {
    await writeSpoilt(spoil);
    const [all, ...checks] = await validate(SPOILT);
    expect(all).toEqual({
      check: 'all_checks',
      violations: BigInt(violations),
      detail: `${check} (${detail})`,
      severity: 'failure',
    });
    expect(checks.filter((row) => row.violations !== 0n)).toEqual([
      { check, violations: BigInt(violations), detail, severity: 'failure' },
    ]);
  });
});
