import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { demoRun } from '../../infra/local/demo-lake.ts';
import { type DemoSpotify, startDemoSpotify } from '../../infra/local/demo-spotify/server.ts';
import type { MachineEvent } from '../../infra/local/machine.ts';
import { type LocalResult, type LocalRun, runLocally } from '../../infra/local/run.ts';

/** A lake folder as `npm start` prepares it. */
export function newLakeDir(): string {
  const lakeDir = mkdtempSync(join(tmpdir(), 'playlist-lake-'));
  mkdirSync(join(lakeDir, 'logs'));
  return lakeDir;
}

/** Runs the machine on the demo Spotify of 2026-11-23, which lives as long as the test file does. */
export function runsOnTheDemo() {
  let demo: DemoSpotify;
  const opened: LocalResult[] = [];
  beforeAll(async () => {
    demo = await startDemoSpotify({ snapshotDate: '2026-11-23' });
  });
  afterAll(async () => {
    for (const { athena } of opened) athena.close();
    await demo.close();
  });

  async function run(lakeDir: string, more: Partial<LocalRun> = {}) {
    const states: string[] = [];
    const result = await runLocally({
      ...demoRun(demo, lakeDir, '2026-11-23'),
      onEvent: (event: MachineEvent) => {
        if (event.type === 'entered') states.push(event.state);
      },
      longestRetryMs: 10,
      ...more,
    });
    opened.push(result);
    const count = async (sql: string) => {
      const { rows } = await result.athena.query({ sql, database: 'playlist_lake' });
      return Number(rows[0]?.[0]);
    };
    return { ...result, states, count };
  }
  return { run, demo: () => demo };
}
