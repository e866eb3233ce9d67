import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { catalogOnAws } from '../../../infra/aws/catalog.ts';
import { describeStacks, run } from '../../support/aws-commands.ts';
import { AwsRefusal, type FakeAws, startFakeAws } from '../../support/fake-aws.ts';

const columns = (count: number) => Array.from({ length: count }, (_, index) => ({ Name: `c${index}` }));
const TABLES: Record<string, object[]> = {
  playlist_lake: [{ Name: 'tracks', TableType: 'VIRTUAL_VIEW', StorageDescriptor: { Columns: columns(12) } }],
  playlist_lake_staging: [
    {
      Name: 'tracks',
      TableType: 'EXTERNAL_TABLE',
      StorageDescriptor: { Columns: columns(11) },
      PartitionKeys: [{ Name: 'snapshot_date' }, { Name: 'run_id' }],
    },
  ],
};

let aws: FakeAws;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  Object.assign(aws.handlers, {
    'cloudformation:DescribeStacks': describeStacks(),
    'glue:GetTables': ({ DatabaseName }: Readonly<Record<string, unknown>>) => ({
      TableList: TABLES[String(DatabaseName)],
    }),
    'glue:GetPartitions': ({ NextToken }: Readonly<Record<string, unknown>>) =>
      NextToken
        ? { Partitions: [{ Values: ['2026-11-16', 'r1'] }] }
        : { Partitions: [{ Values: ['2026-11-23', 'r3'] }, { Values: ['2026-11-09', 'r0'] }], NextToken: 'two' },
    'glue:GetCrawler': () => ({
      Crawler: {
        State: 'READY',
        LastCrawl: { Status: 'SUCCEEDED', StartTime: 1_795_413_600, LogGroup: 'g', LogStream: 's' },
      },
    }),
  });
});

test('tables, views and partitions, all pages, and the last crawl', async () => {
  expect(await run(catalogOnAws, ['--aws', '--format', 'csv'], aws)).toEqual({
    code: 0,
    stdout:
      'database,name,kind,columns,partitions,first_date,last_date\n' +
      'playlist_lake,tracks,view,12,,,\n' +
      'playlist_lake_staging,tracks,table,13,3,2026-11-09,2026-11-23\n',
    stderr: 'Crawler lake-crawler: READY, last crawl SUCCEEDED at 2026-11-23T06:00:00.000Z. Its log: g, stream s.\n',
  });
});

test('before the first crawl it says what to do', async () => {
  aws.handlers['glue:GetCrawler'] = () => ({ Crawler: { State: 'READY' } });
  expect((await run(catalogOnAws, [], aws)).stderr).toMatch(/never crawled.*npm run run:aws/);
});

test.each([
  ['glue:GetTables', 'database playlist_lake'],
  ['glue:GetCrawler', 'crawler lake-crawler'],
])('%s finds nothing: one line', async (action, named) => {
  aws.handlers[action] = () => {
    throw new AwsRefusal('EntityNotFoundException', 'not found');
  };
  const { code, stderr } = await run(catalogOnAws, [], aws);
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^The ${named}.* gone from Glue: .*npm run deploy.*\n$`));
});
