import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  createLocalGlue,
  type GetCrawlerResponse,
  LOCAL_CRAWLER_NAME,
  type LocalGlue,
} from '../../../../infra/local/glue/glue.ts';
import { readPartitions } from '../../../../infra/local/glue/partitions.ts';
import { putFile, temporaryFolder } from '../../../support/parquet-lake.ts';

const Name = LOCAL_CRAWLER_NAME;
const parent = temporaryFolder();
let lakeDir: string;
let now: Date;
let glue: LocalGlue;
let lakes = 0;

const part = (table: string, run: string, file = 'part-00000.parquet') =>
  `transformed/${table}/snapshot_date=2026-11-23/run_id=${run}/${file}`;

async function crawlerWhenReady(): Promise<GetCrawlerResponse['Crawler']> {
  for (;;) {
    const { Crawler } = await glue.getCrawler({ Name });
    if (Crawler.State === 'READY') return Crawler;
    await sleep(1);
  }
}

async function crawl(): Promise<GetCrawlerResponse['Crawler']> {
  await glue.startCrawler({ Name });
  return crawlerWhenReady();
}

beforeEach(async () => {
  lakes += 1;
  lakeDir = join(parent, `lake-${lakes}`);
  await putFile(lakeDir, part('tracks', 'a'), '');
  now = new Date('2026-11-23T06:00:12.987Z');
  glue = createLocalGlue({ lakeDir, now: () => now });
});

describe('the crawler', () => {
  test('has no last crawl before its first one', async () => {
    expect(await glue.getCrawler({ Name })).toEqual({ Crawler: { Name, State: 'READY' } });
  });

  test('runs on after it was started, and shows the previous crawl meanwhile', async () => {
    await crawl();
    now = new Date('2026-11-30T06:00:00.000Z');
    expect(await glue.startCrawler({ Name })).toEqual({});
    expect(await glue.getCrawler({ Name })).toEqual({
      Crawler: { Name, State: 'RUNNING', LastCrawl: { Status: 'SUCCEEDED', StartTime: '2026-11-23T06:00:12Z' } },
    });
    expect((await crawlerWhenReady()).LastCrawl).toEqual({ Status: 'SUCCEEDED', StartTime: '2026-11-30T06:00:00Z' });
  });

  test('refuses to start while it runs', async () => {
    await glue.startCrawler({ Name });
    await expect(glue.startCrawler({ Name })).rejects.toMatchObject({ name: 'Glue.CrawlerRunningException' });
    await crawlerWhenReady();
  });

  test('of another name is unknown', async () => {
    const error = { name: 'Glue.EntityNotFoundException', message: expect.stringContaining('other') };
    await expect(glue.startCrawler({ Name: 'other' })).rejects.toMatchObject(error);
    await expect(glue.getCrawler({ Name: 'other' })).rejects.toMatchObject(error);
  });

  test('says why a crawl failed, and can be started again', async () => {
    writeFileSync(join(lakeDir, 'catalog'), 'a file where a folder should be');
    expect((await crawl()).LastCrawl).toMatchObject({
      Status: 'FAILED',
      ErrorMessage: expect.stringContaining('catalog'),
    });
    rmSync(join(lakeDir, 'catalog'));
    expect((await crawl()).LastCrawl).toMatchObject({ Status: 'SUCCEEDED' });
  });
});

describe('a crawl', () => {
  test('registers the folders of known tables that hold a Parquet file', async () => {
    await putFile(lakeDir, part('tracks', 'a', 'part-00001.parquet'), '');
    await putFile(lakeDir, part('albums', 'b'), '');
    await putFile(lakeDir, part('strangers', 'b'), '');
    await putFile(lakeDir, part('albums', 'unfinished', 'part-00000.parquet.tmp'), '');
    await putFile(lakeDir, 'transformed/albums/snapshot_date=yesterday/run_id=b/part-00000.parquet', '');
    await crawl();
    expect(readPartitions(lakeDir)).toEqual([
      { table: 'albums', snapshot_date: '2026-11-23', run_id: 'b' },
      { table: 'tracks', snapshot_date: '2026-11-23', run_id: 'a' },
    ]);
  });

  test('forgets a folder that has gone', async () => {
    await putFile(lakeDir, part('albums', 'b'), '');
    await crawl();
    rmSync(join(lakeDir, 'transformed', 'albums'), { recursive: true });
    await crawl();
    expect(readPartitions(lakeDir).map(({ table }) => table)).toEqual(['tracks']);
  });

  test('loses nothing of another one at the same time, nor of a folder that goes meanwhile', async () => {
    for (let index = 0; index < 40; index += 1) await putFile(lakeDir, part('albums', `kept-${index}`), '');
    const glues = [1, 2].map(() => createLocalGlue({ lakeDir, now: () => now }));
    await Promise.all(glues.map((glue) => glue.startCrawler({ Name: LOCAL_CRAWLER_NAME })));
    await putFile(lakeDir, part('albums', 'late'), '');
    await crawl();
    expect(readPartitions(lakeDir).map(({ run_id }) => run_id)).toContain('late');
    expect(readPartitions(lakeDir)).toHaveLength(42);
  });

  test('is needed before anything is registered', async () => {
    expect(readPartitions(lakeDir)).toEqual([]);
  });
});

test('a strange file in the catalogue is no partition', async () => {
  await putFile(lakeDir, 'catalog/strangers/snapshot_date=2026-11-23/run_id=x', '');
  await putFile(lakeDir, 'catalog/partitions.json', '{}');
  expect(readPartitions(lakeDir)).toEqual([]);
});
