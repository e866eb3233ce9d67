import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../functions/domain/errors.ts';
import { DEFAULT_READING, type ReadingConfig } from '../../../functions/domain/reading-config.ts';
import { FORBIDDEN_REMEDIES, meaningOfForbidden } from '../../../functions/domain/spotify-refusal.ts';
import type { Config } from '../../../infra/config.ts';
import { saveConsent } from '../../../infra/local/auth/consent-file.ts';
import { type DoctorDeps, doctor } from '../../../infra/local/doctor.ts';
import { type FakePlaylist, tracks } from '../../support/fake-spotify.ts';
import { type Fault, type FaultySpotify, type Regime, startFaultySpotify } from '../../support/faulty-spotify.ts';

const NOW = new Date('2026-11-23T06:00:00Z');
const PLAYLISTS: Record<string, FakePlaylist> = {
  mine: { snapshotId: 'v1', entries: tracks(230) },
  foreign: { snapshotId: 'v1', entries: tracks(3), isForeign: true, owner: 'someone' },
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
  readonly playlists?: Record<string, FakePlaylist>;
}

const mixOf = (index: string) => `more${index}`;

async function run({ args = [], playlistIds = ['mine'], faults = [], regime = 'C', ...more }: Case = {}) {
  const server = await startFaultySpotify(more.playlists ?? PLAYLISTS, { regime, faults });
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
    sleep: async () => {},
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

  test('the rate limit is waited for', async () => {
    const faults = [{ match: '/v1/', on: [1], status: 429, headers: { 'retry-after': '2' } }];
    const slept: number[] = [];
    const result = await run({ faults, sleep: async (ms) => void slept.push(ms) });
    expect(result).toMatchObject({ code: 0, calls: { length: 2 } });
    expect(slept).toEqual([2500]);
  });

  test('a consent that ends soon is a notice with the command', async () => {
    const { code, said } = await run({ authorizedAt: '2026-06-02T12:00:00Z' });
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(/9 days.*\n.*npm run auth/) });
  });
});

describe('sources from the user’s own list: each is named, by one call, and the list costs one for fifty', () => {
  const MANY: Record<string, FakePlaylist> = {
    ...PLAYLISTS,
    savedtracks: { snapshotId: 'v1', entries: tracks(2) },
    ...Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [
        `more${index}`,
        { snapshotId: 'v1', entries: [], name: `Mix ${index}` },
      ]),
    ),
  };
  const mine = ['mine', ...Array.from({ length: 60 }, (_, index) => `more${index}`)];
  test.each<[string, Partial<ReadingConfig>, number, string[], number]>([
    ['owned', { myPlaylists: 'owned' }, 1 + 2, mine, 0],
    ['followed', { myPlaylists: 'followed' }, 1 + 2, ['foreign'], 1],
    [
      'all of a name',
      { myPlaylists: 'all', namePattern: 'mix 5*' },
      2,
      ['5', '50', '51', '52', '53', '54', '55', '56', '57', '58', '59'].map(mixOf),
      0,
    ],
    [
      'owned, of a name, and saved tracks',
      { myPlaylists: 'owned', namePattern: '*mine', savedTracks: true },
      3,
      ['mine', 'savedtracks'],
      0,
    ],
  ])('%s', async (_name, chosen, listing, ids, code) => {
    const reading = { ...DEFAULT_READING, ...chosen };
    const result = await run({ playlistIds: [], reading, playlists: MANY });
    expect(result.code).toBe(code);
    expect(result.calls).toHaveLength(listing + ids.length);
    expect([...result.said.matchAll(/playlist (\w+):/g)].map(([, id]) => id)).toEqual(ids);
  });

  test('a list that may not be read', async () => {
    const faults = [forbidden('/v1/me/playlists', 'Insufficient client scope')];
    const { code, said } = await run({ playlistIds: [], reading: { ...DEFAULT_READING, myPlaylists: 'all' }, faults });
    expect({ code, said }).toMatchObject({
      code: 1,
      said: expect.stringMatching(/playlist-read-private.*npm run auth/),
    });
  });

  test('saved tracks that the consent does not cover', async () => {
    const faults = [forbidden('/v1/me/tracks', 'Insufficient client scope')];
    const { code, said } = await run({ reading: { ...DEFAULT_READING, savedTracks: true }, faults });
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining(FORBIDDEN_REMEDIES.no_scope) });
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
  ['/v1/me/tracks', 'Insufficient client scope', 'no_scope'],
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
