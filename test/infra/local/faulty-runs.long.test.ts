import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type LocalResult, runLocally } from '../../../infra/local/run.ts';
import { tracks } from '../../support/fake-spotify.ts';
import { type Fault, ISSUED_TOKEN, startFaultySpotify } from '../../support/faulty-spotify.ts';

/** The whole machine before a Spotify that misbehaves: what is published, what the alert says, what is left behind. */

const P = 'playlist0000000000000a';
const Q = 'playlist0000000000000b';
const PLAYLISTS = {
  [P]: { snapshotId: 'v1', entries: tracks(250) },
  [Q]: { snapshotId: 'v1', entries: tracks(30, 'q') },
};
const CLIENT_SECRET = 'client-secret-e02b';
const REFRESH_TOKEN = 'refresh/token+of=the-user';
const NEW_REFRESH_TOKEN = 'refresh-token-that-replaces-it';
const SECRETS = [CLIENT_SECRET, REFRESH_TOKEN, NEW_REFRESH_TOKEN, ISSUED_TOKEN].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(`client:${secret}`).toString('base64'),
]);

const opened: LocalResult[] = [];
afterAll(() => Promise.all(opened.map(({ athena }) => athena.close())));

async function run(faults: readonly Fault[], lakeDir = newLakeDir()) {
  const server = await startFaultySpotify(PLAYLISTS, { regime: 'C', faults });
  const clock = { ahead: 0 };
  const said: unknown[] = [];
  try {
    const result = await runLocally({
      lakeDir,
      runId: `test-${randomUUID()}`,
      input: { snapshotDate: '2026-11-23' },
      config: { playlistIds: [P, Q], market: null, keepPersonalData: false },
      settings: { apiUrl: server.url, accountsUrl: server.url },
      credentials: { clientId: 'client', clientSecret: CLIENT_SECRET, refreshToken: REFRESH_TOKEN },
      consent: { authorizedAt: '2026-11-01T00:00:00Z', command: 'npm run auth' },
      saveRefreshToken: async () => {},
      now: () => new Date(Date.now() + clock.ahead),
      random: () => 0.5,
      sleep: async (ms) => {
        clock.ahead += ms;
      },
      newId: randomUUID,
      onEvent: (event) => said.push(event),
      onLog: (...words) => said.push(words),
      longestRetryMs: 1,
    });
    opened.push(result);
    return { ...result, lakeDir, said: JSON.stringify([said, result.outcome, result.alerts]) };
  } finally {
    await server.close();
  }
}

function newLakeDir(): string {
  const lakeDir = mkdtempSync(join(tmpdir(), 'playlist-lake-'));
  mkdirSync(join(lakeDir, 'logs'));
  return lakeDir;
}

/** Everything a run leaves on the disk as text, gzipped objects as what they hold. */
function leftBehind(lakeDir: string): string {
  const files = readdirSync(lakeDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => {
      const bytes = readFileSync(join(parentPath, name));
      return `${name}\n${name.endsWith('.gz') ? gunzipSync(bytes) : bytes.toString('latin1')}`;
    })
    .join('\n');
}

const published = (lakeDir: string) => readdirSync(lakeDir).includes('published');
const renewed = {
  access_token: ISSUED_TOKEN,
  token_type: 'Bearer',
  expires_in: 3600,
  refresh_token: NEW_REFRESH_TOKEN,
};

describe('no fault publishes what breaks the conservation law, and no secret is left behind', () => {
  test.each<[string, Fault[], string]>([
    ['a page too short, every time', [{ match: 'offset=150', drop: true }], 'SpotifyUnavailableError'],
    ['a last page too short, every time', [{ match: 'offset=200', drop: true }], 'SpotifyUnavailableError'],
    ['edited all the time', [{ match: 'offset=', edit: true }], 'SpotifyUnavailableError'],
    ['a gateway that echoes the request', [{ match: '/v1/', status: 502, echo: true }], 'SpotifyUnavailableError'],
    ['a refusal that echoes the request', [{ match: '/v1/', status: 400, echo: true }], 'ContractError'],
    ['a token endpoint that echoes the form', [{ match: '/api/token', status: 400, echo: true }], 'ContractError'],
    [
      'invalid_grant: the alert says how to consent again',
      [
        {
          match: '/api/token',
          status: 400,
          body: { error: 'invalid_grant', error_description: 'Refresh token expired' },
        },
      ],
      'SpotifyAuthError',
    ],
    [
      'a wait of a week',
      [{ match: 'offset=', status: 429, headers: { 'retry-after': '600000' } }],
      'SpotifyUnavailableError',
    ],
  ])('%s', async (_name, faults, error) => {
    const { outcome, alerts, lakeDir, said } = await run(faults);
    expect(outcome).toMatchObject({ status: 'FAILED', error });
    expect(published(lakeDir)).toBe(false);
    expect(alerts).toEqual([expect.objectContaining({ message: expect.objectContaining({ error }) })]);
    if (error === 'SpotifyAuthError') expect(alerts[0]?.message.cause).toContain('npm run auth');
    const traces = leftBehind(lakeDir) + said;
    expect(traces).toContain(error);
    for (const secret of SECRETS) expect(traces).not.toContain(secret);
  });

  test('new `refresh_token` in the answer, and faults that pass: published whole', async () => {
    const { outcome, athena, lakeDir, said } = await run([
      { match: '/api/token', on: [1], status: 200, body: renewed },
      { match: 'offset=150', on: [1], drop: true },
      { match: 'offset=200', on: [1], status: 429, headers: { 'retry-after': '30' } },
      { match: '/v1/', on: [4], truncate: 100 },
      { match: '/v1/', on: [6], status: 401 },
    ]);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED' });
    const { rows } = await athena.query({ sql: 'select count(*) from playlist_items', database: 'playlist_lake' });
    expect(Number(rows[0]?.[0])).toBe(280);
    const traces = leftBehind(lakeDir) + said;
    expect(traces).toContain('spotify:track:t249');
    for (const secret of SECRETS) expect(traces).not.toContain(secret);
  });
});

test('a run that failed, then the same date again: goes on, and readers see it once', async () => {
  const lakeDir = newLakeDir();
  const bad = await run([{ match: 'offset=200', status: 502, body: '<html>' }], lakeDir);
  expect(bad.outcome).toMatchObject({ status: 'FAILED', error: 'SpotifyUnavailableError' });
  const good = await run([{ match: 'offset=(100|150)', status: 418 }], lakeDir);
  expect(good.outcome.status).toBe('SUCCEEDED');
  const { rows } = await good.athena.query({ sql: 'select count(*) from playlist_items', database: 'playlist_lake' });
  expect(Number(rows[0]?.[0])).toBe(280);
});
