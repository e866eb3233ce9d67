import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../functions/domain/errors.ts';
import { DEFAULT_READING } from '../../../functions/domain/reading-config.ts';
import { FORBIDDEN_REMEDIES, meaningOfForbidden } from '../../../functions/domain/spotify-refusal.ts';
import type { Config } from '../../../infra/config.ts';
import { saveConsent } from '../../../infra/local/consent-file.ts';
import { type DoctorDeps, doctor } from '../../../infra/local/doctor.ts';
import { tracks } from '../../support/fake-spotify.ts';
import { type Fault, type FaultySpotify, type Regime, startFaultySpotify } from '../../support/faulty-spotify.ts';

const NOW = new Date('2026-11-23T06:00:00Z');
const PLAYLISTS = {
  mine: { snapshotId: 'v1', entries: tracks(230) },
  foreign: { snapshotId: 'v1', entries: tracks(3), isForeign: true },
};

const open: FaultySpotify[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

interface Case extends Partial<DoctorDeps> {
  readonly args?: string[];
  readonly playlistIds?: string[];
  readonly reading?: Config['reading'];
  readonly faults?: Fault[];
  readonly regime?: Regime;
  readonly authorizedAt?: string;
}

async function run({ args = [], playlistIds = ['mine'], faults = [], regime = 'C', ...more }: Case = {}) {
  const server = await startFaultySpotify(PLAYLISTS, { regime, faults });
  open.push(server);
  const environment = {
    XDG_CONFIG_HOME: mkdtempSync(join(tmpdir(), 'config-')),
    SPOTIFY_CLIENT_ID: 'id',
    SPOTIFY_REFRESH_TOKEN: 'refresh-token-of-the-doctor',
    SPOTIFY_AUTHORIZED_AT: more.authorizedAt ?? '2026-11-01T00:00:00Z',
    SPOTIFY_API_URL: server.url,
    SPOTIFY_ACCOUNTS_URL: server.url,
  };
  const said: string[] = [];
  const code = await doctor(args, {
    environment,
    output: { log: (text) => said.push(text), error: (text) => said.push(text) },
    now: () => NOW,
    config: () => ({
      playlistIds,
      market: null,
      keepPersonalData: false,
      ...(more.reading ? { reading: more.reading } : {}),
    }),
    ...more,
  });
  const calls = server.calls.filter((call) => call.startsWith('GET'));
  return { code, said: said.join('\n'), calls };
}

describe('exit code 0', () => {
  test.each(['A', 'B', 'C'] as const)('all is well in regime %s, by one call a playlist', async (regime) => {
    const { code, said, calls } = await run({ regime });
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining(`regime ${regime}`) });
    expect(calls).toHaveLength(1);
  });

  test('the user’s own list, by name', async () => {
    const reading = { ...DEFAULT_READING, myPlaylists: 'all' as const, namePattern: '*mine' };
    expect(await run({ playlistIds: [], reading })).toMatchObject({ code: 0, calls: { length: 2 } });
  });

  test('a consent that ends soon is a notice with the command', async () => {
    const { code, said } = await run({ authorizedAt: '2026-06-02T12:00:00Z' });
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(/9 days.*\n.*npm run auth/) });
  });
});

const forbidden = (match: string, message: string): Fault => ({
  match,
  status: 403,
  body: { error: { status: 403, message } },
});

describe('exit code 1: the problem and its remedy', () => {
  test.each<[string, Case, string, number]>([
    [
      '403 no Premium',
      { faults: [forbidden('/v1/', 'Active premium subscription required for the owner of the app.')] },
      FORBIDDEN_REMEDIES.no_premium,
      1,
    ],
    [
      '403 not on the allow-list',
      {
        faults: [
          forbidden('/v1/', 'Check settings on developer.spotify.com/dashboard, the user may not be registered.'),
        ],
      },
      FORBIDDEN_REMEDIES.not_registered,
      1,
    ],
    ['403 not yours', { faults: [forbidden('/v1/', 'Forbidden')] }, FORBIDDEN_REMEDIES.not_yours, 1],
    ['contents not shown', { playlistIds: ['foreign', 'mine'] }, FORBIDDEN_REMEDIES.not_yours, 2],
    ['gone', { playlistIds: ['lost'] }, '404', 1],
    ['Spotify is down', { faults: [{ match: '/v1/', status: 502, body: '<html>' }] }, 'docs/runbook.md', 1],
    [
      'the consent has expired',
      {
        faults: [{ match: '/api/token', status: 400, body: { error: 'invalid_grant', error_description: 'expired' } }],
      },
      'npm run auth',
      0,
    ],
    [
      'the quota is used up',
      { faults: [{ match: '/v1/', status: 429, headers: { 'retry-after': '50000' } }] },
      'until',
      1,
    ],
    ['six months are over', { authorizedAt: '2026-05-01T00:00:00Z' }, 'npm run auth', 1],
    ['no playlist', { playlistIds: [] }, 'cdk.json', 0],
    [
      'the configuration',
      {
        config: () => {
          throw new ConfigError('cdk.json: market is wrong');
        },
      },
      'market is wrong',
      0,
    ],
    ['no credentials', { environment: { XDG_CONFIG_HOME: '/nowhere' } }, 'npm run auth', 0],
  ])('%s', async (_name, options, says, count) => {
    const { code, said, calls } = await run(options);
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining(says) });
    expect(calls).toHaveLength(count);
    expect(said).not.toContain('refresh-token-of-the-doctor');
  });
});

test.each([[['--all']], [['word']]])('exit code 2: %j', async (args) => {
  expect((await run({ args })).code).toBe(2);
});

test.each([
  ['/v1/playlists/x', 'Active premium subscription required', 'no_premium'],
  ['/v1/playlists/x', 'User not registered in the Developer Dashboard', 'not_registered'],
  ['/v1/playlists/x', 'Forbidden', 'not_yours'],
  ['/v1/playlists/x/items?offset=100', 'Forbidden', 'not_yours'],
  ['/v1/playlists/x/tracks?offset=100', 'Forbidden', 'endpoint_gone'],
  ['/v1/tracks', 'Forbidden', 'endpoint_gone'],
])('403 on %s with %j means %s', (path, reason, meaning) => {
  expect(meaningOfForbidden(path, reason)).toBe(meaning);
});

test('the consent that npm run auth keeps', async () => {
  const environment = { XDG_CONFIG_HOME: mkdtempSync(join(tmpdir(), 'config-')) };
  await saveConsent(environment, {
    client_id: 'kept',
    refresh_token: 'secret-of-it',
    authorized_at: NOW.toISOString(),
  });
  const { said } = await run({
    environment: { ...environment, SPOTIFY_ACCOUNTS_URL: 'http://127.0.0.1:9', SPOTIFY_CLIENT_ID: 'kept' },
  });
  expect(said).toMatch(/client kept.*\n.*181 days/);
});
