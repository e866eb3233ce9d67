import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { newLakeDir, runsOnTheDemo } from '../../support/demo-runs.ts';

const NOT_YOURS = '3hFXfkHriIjcjsenpEAO14';
const { run, demo } = runsOnTheDemo();

/** What a lost or late file looks like to the checks. */
function loseATable(lakeDir: string, runId: string) {
  rmSync(join(lakeDir, 'transformed', 'tracks', 'snapshot_date=2026-11-23', `run_id=${runId}`), { recursive: true });
}

describe('the weekly run on the demo', () => {
  const lakeDir = newLakeDir();
  let first: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    first = await run(lakeDir);
  });

  test('every state of the way is walked and the snapshot is published', async () => {
    expect(first.outcome.status).toBe('SUCCEEDED');
    expect(first.states.filter((state) => !state.startsWith('Check') && !/Poll|Crawler/.test(state))).toEqual([
      'Begin',
      'Prepare',
      'Extract',
      'Transform',
      'Validate',
      'GetValidation',
      'Publish',
      'Done',
    ]);
    expect(await first.count('select count(*) from playlist_items')).toBe(317);
    expect(await first.count("select count(*) from playlists where status = 'complete'")).toBe(4);
    expect(await first.count('select count(*) from rejected_items')).toBe(0);
    expect(first.alerts).toEqual([]);
  });
});

test('a playlist that is not readable: the others are published, and a notice says so', async () => {
  const playlists = [demo().playlists[0]?.id ?? '', NOT_YOURS];
  const partial = await run(newLakeDir(), { input: { snapshotDate: '2026-11-23', playlists } });
  expect(partial.outcome.status).toBe('SUCCEEDED');
  expect(await partial.count('select count(*) from playlist_items')).toBe(29);
  expect(await partial.count("select count(*) from playlists where status = 'not_yours'")).toBe(1);
  expect(partial.alerts).toEqual([
    expect.objectContaining({
      message: expect.objectContaining({ what: 'The snapshot of 2026-11-23 is published without 1 of 2 playlists.' }),
    }),
  ]);
});

describe('the failure path', () => {
  test('an error of a stage reaches the Fail state and the alert, with what to do', async () => {
    const lakeDir = newLakeDir();
    const { outcome, alerts, states } = await run(lakeDir, { input: { snapshotDate: '2026-02-30' } });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'InvalidInputError' });
    expect(states.slice(-4)).toEqual(['PrepareFailed', 'CheckCause', 'NotifyFailure', 'Failed']);
    expect(alerts).toEqual([
      expect.objectContaining({
        subject: 'Playlist Lake failed in Prepare',
        message: expect.objectContaining({
          error: 'InvalidInputError',
          cause: expect.stringContaining('input.snapshotDate'),
          whatToDo: expect.stringContaining('runbook'),
        }),
      }),
    ]);
    expect(readdirSync(join(lakeDir, 'alerts'))).toHaveLength(1);
  });

  test('a server that is not there: retried, then a named error; nothing is published', async () => {
    const nowhere = { apiUrl: 'http://127.0.0.1:9', accountsUrl: 'http://127.0.0.1:9' };
    const lakeDir = newLakeDir();
    const { outcome } = await run(lakeDir, { settings: nowhere });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'SpotifyUnavailableError' });
    expect(readdirSync(lakeDir)).not.toContain('published');
  });

  test('bad data is found by the validation query, and readers keep the former snapshot', async () => {
    const lakeDir = newLakeDir();
    const good = await run(lakeDir);
    const bad = await run(lakeDir, {
      wrapFunctions: (functions) => ({
        ...functions,
        transform: async (payload) => {
          const result = await functions.transform?.(payload);
          loseATable(lakeDir, (payload as { runId: string }).runId);
          return result;
        },
      }),
    });
    expect(bad.outcome).toMatchObject({ status: 'FAILED', error: 'ValidationFailed' });
    expect(bad.alerts.at(-1)?.message.cause).toMatch(/tracks/);
    expect(await bad.count('select count(*) from tracks')).toBe(await good.count('select count(*) from tracks'));
    expect(await bad.count('select count(*) from tracks')).toBe(237);
  });
});
