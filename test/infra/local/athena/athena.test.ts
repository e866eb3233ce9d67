import { readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { partitionPrefix, partKey, publicationKey, type RunPlace } from '../../../../functions/domain/lake-paths.ts';
import { TABLE_NAMES, TABLES } from '../../../../functions/domain/tables.ts';
import { DERIVED_VIEWS } from '../../../../infra/derived-views.ts';
import { type LocalAthena, openAthena } from '../../../../infra/local/athena/athena.ts';
import type { AthenaQuery } from '../../../../infra/local/athena/engine.ts';
import type { Value } from '../../../../infra/local/result-format.ts';
import { READERS_DATABASE, STAGING_DATABASE } from '../../../../infra/reader-views.ts';
import { crawl, parquetBytes, publish, putFile, temporaryFolder, writeTables } from '../../../support/parquet-lake.ts';

const OLD: RunPlace = { snapshotDate: '2026-11-16', runId: 'monday' };
const SEEN: RunPlace = { snapshotDate: '2026-11-23', runId: 'first' };
const UNSEEN: RunPlace = { snapshotDate: '2026-11-23', runId: 'second' };

// A folder name with all that SQL strings and globs could trip over.
const lakeDir = temporaryFolder("it's *[a] ?lake");
let athena: LocalAthena;
let ids = 0;

const named = (name: string) => ({ tracks: [{ track_id: name, name, explicit: true, duration_ms: 1 }] });

beforeAll(async () => {
  await writeTables(lakeDir, OLD, named('old'));
  await writeTables(lakeDir, SEEN, {
    ...named('seen'),
    albums: [{ album_id: 'a', name: '', release_date: new Date('1981-12-15') }],
    playlist_items: [
      { playlist_id: 'p', position: 0, kind: 'track', added_at: new Date('2026-01-02T03:04:05.678Z') },
      { playlist_id: 'p', position: 1, kind: 'local', title: 'a "quoted", two-line\ntitle' },
    ],
  });
  await writeTables(lakeDir, UNSEEN, named('unseen'));
  await publish(lakeDir, OLD);
  await publish(lakeDir, SEEN);
  await crawl(lakeDir);
  athena = await openAthena({ lakeDir, newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}` });
});

afterAll(() => athena.close());

async function ask(sql: string, database: AthenaQuery['database'] = READERS_DATABASE, parameters: string[] = []) {
  return (await athena.query({ sql, database, parameters })).rows as Value[][];
}

describe('names', () => {
  test.each([
    'SELECT name FROM tracks ORDER BY 1',
    'SELECT name FROM playlist_lake.tracks ORDER BY 1',
    'SELECT "name" FROM "playlist_lake"."tracks" ORDER BY 1',
    'SELECT name FROM awsdatacatalog.playlist_lake.tracks ORDER BY 1',
    'SELECT t.name FROM playlist_lake.tracks AS t ORDER BY 1;',
  ])('readers see the published run of each date: %s', async (sql) => {
    expect(await ask(sql)).toEqual([['old'], ['seen']]);
  });

  test('a name without a database is of the database asked for', async () => {
    const sql = 'SELECT run_id FROM tracks ORDER BY 1';
    expect(await ask(sql, STAGING_DATABASE)).toEqual([['first'], ['monday'], ['second']]);
    await expect(ask(sql)).rejects.toThrow('run_id');
  });

  test('published_snapshots shows what was published', async () => {
    const sql = 'SELECT snapshot_date, run_id, published_at, status FROM published_snapshots ORDER BY 1';
    const [first, ...others] = await ask(sql);
    expect(first).toEqual(['2026-11-16', 'monday', '2026-11-23T06:00:00.000Z', 'complete']);
    expect(others).toHaveLength(1);
  });

  test('SHOW TABLES lists what there is', async () => {
    const derived = DERIVED_VIEWS.map(({ name }) => name);
    const names = [...Object.keys(TABLES), 'published_snapshots', ...derived];
    expect((await ask('SHOW TABLES')).flat().sort()).toEqual(names.sort());
  });

  test('every table has the columns and types of the contract', async () => {
    const ATHENA: Record<string, string> = { string: 'varchar', int: 'integer', strings: 'array' };
    for (const [table, { columns }] of Object.entries(TABLES)) {
      const found = await athena.query({ sql: `SELECT * FROM ${table}`, database: STAGING_DATABASE });
      const types = columns.map(({ name, type }) => ({
        name,
        type: ATHENA[type] ?? type,
      }));
      const partitions = ['snapshot_date', 'run_id'].map((name) => ({ name, type: 'varchar' }));
      expect(found.columns).toEqual([...types, ...partitions]);
    }
  });
});

test('values are plain, dates and times as Athena writes them', async () => {
  expect(await ask('SELECT release_date, name, label, count(*) FROM albums GROUP BY 1, 2, 3')).toEqual([
    ['1981-12-15', '', null, 1n],
  ]);
  expect(await ask('SELECT added_at, added_at IS NULL FROM playlist_items ORDER BY position')).toEqual([
    ['2026-01-02 03:04:05.678', false],
    [null, true],
  ]);
  expect(await ask("SELECT array[1, 2], map(array['a'], array[true]), 1.50, current_timestamp IS NULL")).toEqual([
    [[1, 2], { a: true }, '1.50', false],
  ]);
});

describe('what the lake holds', () => {
  const other = temporaryFolder();
  let empty: LocalAthena;

  beforeAll(async () => {
    empty = await openAthena({ lakeDir: other, newId: () => 'id' });
  });
  afterAll(() => empty.close());

  const names = async () =>
    (await empty.query({ sql: 'SELECT name FROM tracks', database: READERS_DATABASE })).rows.flat();

  test('is seen after a crawl and a publication, and changes without opening it again', async () => {
    expect(await names()).toEqual([]);
    await writeTables(other, SEEN, named('seen'));
    expect(await names()).toEqual([]);
    await crawl(other);
    expect(await names()).toEqual([]);
    await publish(other, SEEN);
    expect(await names()).toEqual(['seen']);
    await writeTables(other, SEEN, named('written again'));
    expect(await names()).toEqual(['written again']);
    rmSync(join(other, partitionPrefix('tracks', SEEN)), { recursive: true });
    expect(await names()).toEqual([]);
  });

  test('may lack a column that was added later', async () => {
    const older = TABLES.tracks.columns.filter(({ name }) => name === 'track_id');
    await putFile(other, partKey({ ...SEEN, table: 'tracks', part: 0 }), parquetBytes(older, [{ track_id: 't' }]));
    expect(await names()).toEqual([null]);
  });

  test('has to be of the types of the contract', async () => {
    const wrong = [{ ...TABLES.tracks.columns[0], name: 'duration_ms' }];
    await putFile(other, partKey({ ...SEEN, table: 'tracks', part: 1 }), parquetBytes(wrong, [{ duration_ms: '1' }]));
    await expect(names()).rejects.toMatchObject({
      name: 'LakeStateError',
      message: expect.stringContaining('tracks.duration_ms'),
    });
    rmSync(join(other, partitionPrefix('tracks', SEEN)), { recursive: true });
    expect(await names()).toEqual([]);
  });

  test('may go while a query reads: another execution has replaced it', async () => {
    const runs = Array.from({ length: 12 }, (_, index): RunPlace => ({ ...OLD, runId: `replaced-${index}` }));
    for (const place of runs) await writeTables(other, place, named('replaced'));
    await writeTables(other, SEEN, named('seen'));
    await crawl(other);
    let isGone = false;
    const removal = (async () => {
      for (const place of runs) {
        for (const table of TABLE_NAMES) {
          await rm(join(other, partitionPrefix(table, place)), { recursive: true });
        }
      }
      isGone = true;
    })();
    let queries = 0;
    for (; !isGone; queries += 1) expect(await names()).toEqual(['seen']);
    await removal;
    expect(queries).toBeGreaterThan(0);
  });

  test('is published in one line of JSON, as Athena needs it', async () => {
    await putFile(other, publicationKey('2026-11-30'), '{\n  "snapshot_date": "2026-11-30"\n}\n');
    const sql = 'SELECT run_id FROM published_snapshots';
    await expect(empty.query({ sql, database: READERS_DATABASE })).rejects.toThrow('snapshot_date=2026-11-30.json');
  });
});

describe('execution parameters', () => {
  test.each([
    ["SELECT 1 WHERE 'it''s' = ?", "'it''s'"],
    ['SELECT 1 WHERE 7 = ?', '7'],
    ['SELECT 1 WHERE 1.25 = ?', '1.25'],
    ['SELECT 1 WHERE -0.5 = ?', '-.5'],
    ['SELECT 1 WHERE 1500 = ?', '1.5e3'],
    ['SELECT 1 WHERE true = ?', 'TRUE'],
    ["SELECT 1 WHERE DATE '2026-02-28' = ?", "DATE '2026-02-28'"],
    ["SELECT 1 WHERE TIMESTAMP '2026-02-28 01:02:03.4' = ?", "timestamp '2026-02-28 01:02:03.400'"],
    ['SELECT 1 WHERE nullif(1, 1) IS NOT DISTINCT FROM ?', 'null'],
  ])('%s with %s', async (sql, literal) => {
    expect(await ask(sql, READERS_DATABASE, [literal])).toEqual([[1]]);
  });

  test('are taken in order', async () => {
    const sql = 'SELECT name FROM tracks WHERE snapshot_date = ? AND run_id = ?';
    expect(await ask(sql, STAGING_DATABASE, ["'2026-11-23'", "'second'"])).toEqual([['unseen']]);
  });

  test.each([
    '2026-11-23',
    'name',
    "'a' OR 1=1",
    "'a'b'",
    '1; DROP TABLE x',
    "DATE '2026-02-30'",
    "upper('a')",
    '',
    "'",
  ])('are literals only, so %s is refused', async (literal) => {
    const message = expect.stringContaining('execution parameter 2');
    await expect(ask('SELECT 1 WHERE ? = ?', READERS_DATABASE, ["'a'", literal])).rejects.toMatchObject({
      name: 'SqlError',
      message,
    });
  });

  test('have to be as many as there are question marks', async () => {
    await expect(ask('SELECT 1 WHERE 1 = ?', READERS_DATABASE, [])).rejects.toThrow('has 1 ?, but 0');
    await expect(ask("SELECT '?'", READERS_DATABASE, ['1'])).rejects.toThrow('has 0 ?, but 1');
  });
});

describe('reading only', () => {
  const inLake = (path: string) => `'${join(lakeDir, path).replaceAll("'", "''")}'`;

  test.each([
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM parquet_metadata('/etc/passwd')",
    "SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/playlist-lake-log')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_parquet('https://example.com/x.parquet')",
    `SELECT * FROM read_json(${inLake('catalog/tracks')})`,
    `SELECT * FROM read_text(${inLake('transformed/../catalog/tracks')})`,
    `COPY (SELECT 1) TO ${inLake('transformed/x.csv')}`,
    `EXPLAIN ANALYZE COPY (SELECT 1) TO ${inLake('transformed/x.csv')}`,
    "COPY (SELECT 1) TO '/tmp/playlist-lake-x.csv'",
    `ATTACH ${inLake('transformed/x.db')}`,
    `EXPORT DATABASE ${inLake('transformed/x')}`,
    `/* /* */ SELECT */ EXPORT DATABASE ${inLake('transformed/x')}`,
    `SELECT 1; EXPORT DATABASE ${inLake('transformed/x')}`,
    `SELECT * FROM read_parquet(${inLake('transformed/tracks/*/*/*.parquet')})`,
    'SELECT (SELECT count(*) FROM duckdb_settings())',
    "WITH x AS (SELECT 1 FROM tracks WHERE name IN (SELECT content FROM read_text('/etc/passwd'))) SELECT * FROM x",
    "SELECT * FROM query('SELECT 1')",
    'EXPLAIN SELECT 1',
    'PRAGMA version',
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET threads = 1',
    'SET enable_external_access = true',
    'RESET lock_configuration',
    'USE memory.main',
    'CREATE TABLE x (a integer)',
    'CREATE VIEW memory.main.x AS SELECT 1',
    'DROP VIEW tracks',
    'CALL enable_logging()',
    'PREPARE x AS SELECT 1',
    'SELECT 1; SELECT 2',
    '-- nothing',
    '',
  ])('%s is refused', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({ name: 'SqlError' });
    expect(readdirSync(join(lakeDir, 'transformed')).sort()).toEqual(Object.keys(TABLES).sort());
  });
});

describe('what is wrong with the SQL', () => {
  test.each([
    ['SELEC 1', 'line 1: syntax error at or near "SELEC"'],
    ['SELECT 1\nFROM trakcs', 'line 2: Table with name trakcs does not exist (did you mean tracks?)'],
    ['SELECT\nnmae FROM artists', 'line 2: Referenced column "nmae" not found in FROM clause (did you mean name'],
    ["SELECT CAST('x' AS integer)", "line 1: Could not convert string 'x' to INT32"],
    ["SELECT * FROM '/etc/passwd'", 'line 1: Table with name /etc/passwd does not exist'],
  ])('%j is said in one line', async (sql, message) => {
    await expect(ask(sql)).rejects.toMatchObject({ name: 'SqlError', message: expect.stringContaining(message) });
    await expect(ask(sql)).rejects.toMatchObject({
      message: expect.not.stringContaining('\n'),
      cause: expect.anything(),
    });
  });

  test('does not spoil the next query', async () => {
    const answers = await Promise.allSettled([ask('SELEC 1'), ask('SELECT 2'), ask('SELECT 3')]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });
});

describe('Trino’s functions', () => {
  const T = "TIMESTAMP '2026-11-23 04:05:06.789'";
  test.each<[string, Value]>([
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['7 / 2.0', 3.5],
    ["date_diff('hour', TIMESTAMP '2026-01-01 00:59:00', TIMESTAMP '2026-01-01 01:01:00')", 0n],
    ["date_diff('year', DATE '2025-12-31', DATE '2026-01-01')", 0n],
    ["date_diff('day', DATE '2026-02-28', DATE '2026-03-01')", 1n],
    ["date_add('month', 1, DATE '2026-01-31')", '2026-02-28'],
    ["date_add('day', -1, DATE '2026-01-01')", '2025-12-31'],
    [`date_add('hour', 20, ${T})`, '2026-11-24 00:05:06.789'],
    ["date_trunc('month', DATE '2026-11-23')", '2026-11-01'],
    [`date_trunc('hour', ${T})`, '2026-11-23 04:00:00.000'],
    ["day_of_week(DATE '2026-11-22')", 7n],
    ["day_of_year(DATE '2026-02-01')", 32n],
    ["week(DATE '2027-01-01')", 53n],
    ["year_of_week(DATE '2027-01-01')", 2026n],
    [`year(${T}) * 100 + month(${T})`, 202611n],
    [`date_format(${T}, '%Y-%m-%d %H:%i:%s')`, '2026-11-23 04:05:06'],
    [`date_format(${T}, '%W, %e %M %k')`, 'Monday, 23 November 4'],
    [`format_datetime(${T}, 'yyyy-MM-dd HH:mm:ss.SSS')`, '2026-11-23 04:05:06.789'],
    [`format_datetime(${T}, 'EEEE, dd MMM')`, 'Monday, 23 Nov'],
    ["from_iso8601_timestamp('2026-11-23T01:00:00+01:00')", '2026-11-23 00:00:00.000 UTC'],
    ["from_iso8601_date('2026-11-23')", '2026-11-23'],
    [`to_iso8601(${T})`, '2026-11-23T04:05:06.789'],
    ["to_unixtime(TIMESTAMP '1970-01-02 00:00:00')", 86400],
    ['from_unixtime(1)', '1970-01-01 00:00:01.000 UTC'],
    ["regexp_like('abc', 'b')", true],
    ["regexp_replace('aXbX', 'X', '-')", 'a-b-'],
    ["regexp_replace('ab', '(a)(b)', '$2$1')", 'ba'],
    ["regexp_replace('aXbX', 'X')", 'ab'],
    ["regexp_extract('abc', 'x')", null],
    ["regexp_extract('abc', 'b(c)', 1)", 'c'],
    ["split('a-b', '-')", ['a', 'b']],
    ["split_part('a-b', '-', 2)", 'b'],
    ["split_part('a-b', '-', 3)", null],
    ["strpos('abc', 'c')", 3n],
    ["concat('a', 'b', 'c')", 'abc'],
    ["concat('a', CAST(NULL AS varchar))", null],
    ['concat(ARRAY[1], ARRAY[2])', [1, 2]],
    ['greatest(1, 3, 2)', 3],
    ['greatest(1, CAST(NULL AS integer))', null],
    ['least(2, 1)', 1],
    ['least(2, CAST(NULL AS integer), 1)', null],
    ['element_at(ARRAY[1, 2], -1)', 2],
    ['element_at(ARRAY[1, 2], 3)', null],
    ["element_at(map(ARRAY['a'], ARRAY[1]), 'b')", null],
    ['cardinality(ARRAY[1, 2])', 2n],
    ["array_join(ARRAY['a', NULL, 'b'], '+')", 'a+b'],
    ["array_join(ARRAY['a', NULL, 'b'], '+', '?')", 'a+?+b'],
    ['array_position(ARRAY[1], 2)', 0],
    ['slice(ARRAY[1, 2, 3, 4], 2, 2)', [2, 3]],
    ['contains(ARRAY[1, 2], 2)', true],
    [`json_extract_scalar('{"a": {"b": 1}}', '$.a.b')`, '1'],
    [`json_extract_scalar('{"a": {"b": 1}}', '$.a')`, null],
    ["url_extract_host('https://open.spotify.com/track/x?si=1')", 'open.spotify.com'],
    ["url_extract_path('https://open.spotify.com/track/x?si=1')", '/track/x'],
    ["if(1 = 2, 'a', 'b')", 'b'],
    ["TRY_CAST('x' AS integer)", null],
    ["coalesce(nullif('a', 'a'), 'b')", 'b'],
  ])('%s', async (expression, expected) => {
    expect(await ask(`SELECT ${expression}`)).toEqual([[expected]]);
  });

  test('aggregates', async () => {
    const values = "(VALUES ('b', 1), (NULL, 2), ('a', 3)) AS t (x, n)";
    const [row] = await ask(`
      SELECT count_if(n > 1), arbitrary(x) IS NULL, max_by(x, n), min_by(x, n), approx_distinct(x), every(n > 0),
        array_join(array_agg(x ORDER BY n) FILTER (WHERE n < 3), ','), CAST(sum(n) AS bigint), min(x, 2)
      FROM ${values}`);
    expect(row).toEqual([2n, false, 'a', 'b', 2n, true, 'b', 6n, ['a', 'b']]);
    expect(await ask(`SELECT count_if(n > 1) FROM ${values} WHERE n > 9`)).toEqual([[0n]]);
  });

  test('an unknown unit is refused', async () => {
    await expect(ask("SELECT date_add('fortnight', 1, DATE '2026-01-01')")).rejects.toThrow('fortnight');
  });
});

describe('the tasks of the state machine', () => {
  const context = { QueryExecutionContext: { Database: STAGING_DATABASE }, WorkGroup: 'group' };
  const SUCCEEDED = { State: 'SUCCEEDED' };

  test('a query ends with its id, and the result is read by it', async () => {
    const QueryString = 'SELECT position, title, added_at FROM playlist_items WHERE run_id = ? ORDER BY position';
    const ExecutionParameters = ["'first'"];
    const { QueryExecution } = await athena.startQueryExecutionSync({ ...context, QueryString, ExecutionParameters });
    const { QueryExecutionId } = QueryExecution;
    expect(QueryExecution).toMatchObject({ Query: QueryString, ...context, ExecutionParameters, Status: SUCCEEDED });
    expect(readdirSync(join(lakeDir, 'athena-results'))).toContain(`${QueryExecutionId}.csv`);
    expect(await athena.getQueryResults({ QueryExecutionId })).toEqual({
      ResultSet: {
        Rows: [
          { Data: [{ VarCharValue: 'position' }, { VarCharValue: 'title' }, { VarCharValue: 'added_at' }] },
          { Data: [{ VarCharValue: '0' }, {}, { VarCharValue: '2026-01-02 03:04:05.678' }] },
          { Data: [{ VarCharValue: '1' }, { VarCharValue: 'a "quoted", two-line\ntitle' }, {}] },
        ],
      },
    });
  });

  test('every value is text, and the empty text is not null', async () => {
    const QueryString = "SELECT '', CAST(NULL AS varchar), true, count(*), CAST(2 AS double), '\"' FROM tracks";
    const { QueryExecution } = await athena.startQueryExecutionSync({ ...context, QueryString });
    const { ResultSet } = await athena.getQueryResults(QueryExecution);
    const values = ['', undefined, 'true', '3', '2.0', '"'];
    expect(ResultSet.Rows[1]?.Data.map(({ VarCharValue }) => VarCharValue)).toEqual(values);
  });

  test('as many rows come as were asked for, with the header', async () => {
    const { QueryExecution } = await athena.startQueryExecutionSync({
      ...context,
      QueryString: 'SELECT 1 FROM tracks',
    });
    const { QueryExecutionId } = QueryExecution;
    expect((await athena.getQueryResults({ QueryExecutionId, MaxResults: 2 })).ResultSet.Rows).toHaveLength(2);
    expect((await athena.getQueryResults({ QueryExecutionId })).ResultSet.Rows).toHaveLength(4);
  });

  test.each([
    { QueryString: 'SELECT nope FROM tracks', Database: STAGING_DATABASE, reason: 'nope' },
    { QueryString: 'SELECT 1', Database: 'elsewhere', reason: 'elsewhere' },
  ])('a query that fails ends the task with its reason as JSON: $reason', async ({ QueryString, Database, reason }) => {
    const failed = athena.startQueryExecutionSync({ QueryString, QueryExecutionContext: { Database } });
    const error = await failed.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'States.TaskFailed', message: expect.stringMatching(/^\{"QueryExecution":/) });
    const { QueryExecution } = JSON.parse((error as Error).message);
    expect(QueryExecution.Status).toEqual({ State: 'FAILED', StateChangeReason: expect.stringContaining(reason) });
  });

  test('a result that nobody made is an invalid request', async () => {
    await expect(athena.getQueryResults({ QueryExecutionId: 'nobody' })).rejects.toMatchObject({
      name: 'Athena.InvalidRequestException',
      message: expect.stringContaining('nobody'),
    });
  });
});
