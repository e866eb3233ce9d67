import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { queryOnAws } from '../../../infra/aws/query.ts';
import { describeStacks, run } from '../../support/aws-commands.ts';
import { AwsRefusal, type FakeAws, startFakeAws } from '../../support/fake-aws.ts';

const COLUMNS = [
  ['name', 'varchar'],
  ['entries', 'bigint'],
  ['share', 'double'],
  ['is_public', 'boolean'],
  ['added', 'date'],
];
const row = (...values: (string | null)[]) => ({
  Data: values.map((value) => (value === null ? {} : { VarCharValue: value })),
});
const HEADER = row(...COLUMNS.map(([name = '']) => name));
const ResultSetMetadata = { ColumnInfo: COLUMNS.map(([Name, Type]) => ({ Name, Type })) };

let aws: FakeAws;
let statuses: object[];
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.calls.length = 0;
  statuses = [{ State: 'QUEUED' }, { State: 'RUNNING' }, { State: 'SUCCEEDED' }];
  Object.assign(aws.handlers, {
    'cloudformation:DescribeStacks': describeStacks(),
    'athena:StartQueryExecution': () => ({ QueryExecutionId: 'q-1' }),
    'athena:StopQueryExecution': () => ({}),
    'athena:GetQueryExecution': () => ({
      QueryExecution: {
        Status: statuses.length > 1 ? statuses.shift() : statuses[0],
        Statistics: { DataScannedInBytes: 1_234_567, TotalExecutionTimeInMillis: 1400 },
      },
    }),
    'athena:GetQueryResults': () => ({
      ResultSet: { ResultSetMetadata, Rows: [HEADER, row('Ænima', '7', '0.5', 'true', '2026-11-23')] },
    }),
  });
});

const inputOf = (action: string) => aws.calls.find((call) => call.action === action)?.input;

test('a query is answered as a local one, and its cost told apart from the answer', async () => {
  expect(await run(queryOnAws, ['--aws', 'SELECT 1'], aws)).toEqual({
    code: 0,
    stdout:
      'name   entries  share  is_public  added\n' +
      '-----  -------  -----  ---------  ----------\n' +
      'Ænima        7    0.5  true       2026-11-23\n(1 row)\n',
    stderr: 'Scanned 1.2 MB (billed as 10 MB) in 1.4 s.\n',
  });
  expect(inputOf('athena:StartQueryExecution')).toMatchObject({
    QueryString: 'SELECT 1',
    WorkGroup: 'lake-workgroup',
    QueryExecutionContext: { Database: 'playlist_lake' },
  });
});

test('pages are read to the last, nulls and the empty text told apart, long numbers kept', async () => {
  aws.handlers['athena:GetQueryResults'] = ({ NextToken }) =>
    NextToken === 'two'
      ? { ResultSet: { Rows: [row('', '9007199254740993', null, null, null)], ResultSetMetadata } }
      : { ResultSet: { Rows: [HEADER, row(null, '1', 'NaN', 'false', null)], ResultSetMetadata }, NextToken: 'two' };
  const { stdout } = await run(queryOnAws, ['SELECT 1', '--format', 'csv'], aws);
  expect(stdout).toBe('name,entries,share,is_public,added\n,1,NaN,false,\n"",9007199254740993,,,\n');
});

test('a statement without a header keeps its first row', async () => {
  aws.handlers['athena:GetQueryResults'] = () => ({
    ResultSet: {
      Rows: [row('albums'), row('tracks')],
      ResultSetMetadata: { ColumnInfo: [{ Name: 'tab_name', Type: 'string' }] },
    },
  });
  const { stdout } = await run(queryOnAws, ['SHOW TABLES', '--format', 'csv'], aws);
  expect(stdout).toBe('tab_name\nalbums\ntracks\n');
});

describe('a query that does not succeed is code 1 and one line', () => {
  test.each([
    ['FAILED', 'line 1:8: Column nmae\ncannot be resolved', /^SQL error: line 1:8: Column nmae cannot be resolved\n$/],
    ['CANCELLED', 'Bytes scanned limit was exceeded', /^The query was stopped: Bytes scanned limit was exceeded\n$/],
  ])('%s', async (State, StateChangeReason, line) => {
    statuses = [{ State, StateChangeReason }];
    const { code, stdout, stderr } = await run(queryOnAws, ['SELECT 1'], aws);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(line);
  });

  test('Ctrl-C stops it in Athena', async () => {
    statuses = [{ State: 'RUNNING' }];
    const controller = new AbortController();
    const sleep = async () => controller.abort();
    const { code } = await run(queryOnAws, ['SELECT 1'], aws, { sleep, interrupt: controller.signal });
    expect({ code, stopped: inputOf('athena:StopQueryExecution') }).toEqual({
      code: 1,
      stopped: { QueryExecutionId: 'q-1' },
    });
  });

  test('one that never ends is stopped after half an hour', async () => {
    statuses = [{ State: 'RUNNING' }];
    let time = 0;
    const clock = {
      now: () => new Date(time),
      sleep: async (ms: number) => {
        time += ms;
      },
    };
    const { code, stderr } = await run(queryOnAws, ['SELECT 1'], aws, clock);
    expect(code).toBe(1);
    expect(stderr).toContain('30 minutes');
    expect(inputOf('athena:StopQueryExecution')).toEqual({ QueryExecutionId: 'q-1' });
  });

  test('what Athena refuses at once', async () => {
    aws.handlers['athena:StartQueryExecution'] = () => {
      throw new AwsRefusal('InvalidRequestException', 'Queries of this type are not supported');
    };
    const { code, stderr } = await run(queryOnAws, ['SELECT 1'], aws);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^.*not supported\n$/);
  });
});

describe('before anything is called', () => {
  test.each([
    [[], 2, 'no SQL'],
    [['\n-- only a remark'], 2, 'no SQL'],
    [['SELECT', '1'], 2, 'one pair of quotes'],
    [['SELECT 1', '--format', 'xml'], 2, 'xml'],
    [['DROP VIEW tracks'], 1, 'only read'],
    [['/* SELECT */ insert into tracks values (1)'], 1, 'only read'],
  ])('%j', async (argv, expected, named) => {
    const { code, stderr } = await run(queryOnAws, argv, aws);
    expect({ code, calls: aws.calls }).toEqual({ code: expected, calls: [] });
    expect(stderr).toContain(named);
    expect(stderr).toMatch(/^.+\n$/);
  });

  test.each(['\n-- a remark\nSELECT 1', '(select 1)', 'with a as (select 1) select * from a'])(
    '%j may pass',
    async (sql) => {
      expect((await run(queryOnAws, [sql], aws)).code).toBe(0);
    },
  );
});

test('npm run query -- --aws is this command', async () => {
  const file = new URL('../../../infra/local/query.ts', import.meta.url).pathname;
  const env = { ...{ AWS_ENDPOINT_URL: aws.url, AWS_REGION: 'eu-central-1' }, ...{ HOME: '/nonexistent' } };
  const keys = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'x', AWS_EC2_METADATA_DISABLED: 'true' };
  const argv = [file, '--aws', '--format', 'csv', 'SELECT 1'];
  const child = spawn(process.execPath, argv, { env: { ...env, ...keys } });
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'name,entries,share,is_public,added\nÆnima,7,0.5,true,2026-11-23\n',
  });
});
