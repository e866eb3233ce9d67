import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { newLakeDir, runsOnTheDemo } from '../../support/demo-runs.ts';

const { run, demo } = runsOnTheDemo();

describe('a date that is run again', () => {
  const lakeDir = newLakeDir();
  beforeAll(async () => {
    await run(lakeDir);
  });

  test('same date run twice, and two runs at once: the same rows once', async () => {
    const [again, meanwhile] = await Promise.all([run(lakeDir), run(lakeDir)]);
    const failures = [again, meanwhile].filter(({ outcome }) => outcome.status !== 'SUCCEEDED');
    expect(failures.map(({ outcome }) => outcome)).toEqual([]);
    expect(await again.count('select count(*) from playlist_items')).toBe(317);
  });

  test('another date stands beside it', async () => {
    const other = await run(lakeDir, { input: { snapshotDate: '2026-11-30' } });
    expect(await other.count('select count(distinct snapshot_date) from playlist_items')).toBe(2);
    expect(await other.count('select count(*) from playlist_items')).toBe(2 * 317);
  });
});

test('no secret and no token is left in the lake, whatever happens', async () => {
  const lakeDir = newLakeDir();
  await run(lakeDir);
  await run(lakeDir, { settings: { apiUrl: demo().url, accountsUrl: 'http://127.0.0.1:9' } });
  const files = readdirSync(lakeDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(20);
  for (const { parentPath, name } of files) {
    expect(readFileSync(join(parentPath, name), 'latin1')).not.toMatch(/very-secret|Bearer /);
  }
});
