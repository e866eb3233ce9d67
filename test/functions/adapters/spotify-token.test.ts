import { afterEach, describe, expect, test } from '@jest/globals';
import { createSpotify, type SpotifyDeps } from '../../../functions/adapters/spotify.ts';
import type { ScriptedAnswer } from '../../support/scripted-server.ts';
import {
  ACCESS_TOKEN,
  apiError,
  CLIENT_SECRET,
  type Fixture,
  REFRESH_TOKEN,
  startFixture,
  tokenAnswer,
} from '../../support/spotify-fixture.ts';

const PATH = '/v1/playlists/abc';
const clientId = 'client-id';
const idle = { now: () => 0, sleep: async () => {}, random: () => 0, log: () => {}, saveRefreshToken: async () => {} };
const BASIC = `Basic ${Buffer.from(`${clientId}:${CLIENT_SECRET}`).toString('base64')}`;

const open: Fixture[] = [];
afterEach(async () => {
  for (const { server } of open.splice(0)) await server.close();
});

/** A fixture with these answers of the token endpoint, and an API that says yes as often as needed. */
async function fixture(tokens: ScriptedAnswer[], more: Partial<SpotifyDeps> = {}): Promise<Fixture> {
  const started = await startFixture(more);
  open.push(started);
  started.server.script('/api/token', ...tokens);
  return started;
}
const approve = ({ server }: Fixture, ...answers: ScriptedAnswer[]) => server.script('/v1/', ...answers, {}, {}, {});
const tokenRequests = ({ server }: Fixture) => server.requests.filter(({ path }) => path === '/api/token');
const formOf = (request?: { body: string }) => Object.fromEntries(new URLSearchParams(request?.body));
const invalid = (error: string, description: string): ScriptedAnswer => ({
  status: 400,
  body: { error, error_description: description },
});

describe('the grant', () => {
  test.each([
    [
      'refresh token with a secret',
      { clientId, clientSecret: CLIENT_SECRET, refreshToken: REFRESH_TOKEN },
      { grant_type: 'refresh_token', refresh_token: REFRESH_TOKEN },
      BASIC,
    ],
    [
      'refresh token by PKCE',
      { clientId, refreshToken: REFRESH_TOKEN },
      { grant_type: 'refresh_token', refresh_token: REFRESH_TOKEN, client_id: clientId },
      undefined,
    ],
    ['client credentials', { clientId, clientSecret: CLIENT_SECRET }, { grant_type: 'client_credentials' }, BASIC],
  ])('%s', async (_case, credentials, form, authorization) => {
    const started = await fixture([tokenAnswer()], { credentials });
    approve(started);
    await started.spotify.get(PATH);
    const [request] = tokenRequests(started);
    expect(formOf(request)).toEqual(form);
    expect(request?.headers['content-type']).toMatch('application/x-www-form-urlencoded');
    expect(request?.headers.authorization).toBe(authorization);
  });

  test('neither a secret nor a refresh token: said before anything is sent', async () => {
    const nowhere = { apiUrl: 'http://127.0.0.1:9', accountsUrl: 'http://127.0.0.1:9' };
    const create = () => createSpotify({ ...idle, settings: nowhere, credentials: { clientId } });
    expect(create).toThrow(expect.objectContaining({ name: 'ConfigError' }));
  });
});

describe('access token expires during the run', () => {
  test('it is kept until a minute before its end, then fetched anew', async () => {
    const started = await fixture([tokenAnswer(), tokenAnswer({ access_token: 'second-token' })]);
    approve(started);
    await started.spotify.get(PATH);
    started.clock.now += 3_539_999;
    await started.spotify.get(PATH);
    expect(tokenRequests(started)).toHaveLength(1);
    started.clock.now += 1;
    await started.spotify.get(PATH);
    expect(tokenRequests(started)).toHaveLength(2);
    expect(started.server.requests.at(-1)?.headers.authorization).toBe('Bearer second-token');
  });

  test('401: refreshed once, reading goes on', async () => {
    const started = await fixture([tokenAnswer(), tokenAnswer({ access_token: 'second-token' })]);
    approve(started, apiError(401, 'The access token expired'));
    expect(await started.spotify.get(PATH)).toMatchObject({ outcome: 'ok' });
    expect(started.server.requests.at(-1)?.headers.authorization).toBe('Bearer second-token');
    expect(started.slept).toEqual([]);
  });

  test('401 again with a fresh token: an error with the detail, and no third try', async () => {
    const detail = { 'www-authenticate': 'Bearer realm="spotify", error_description="Invalid access token"' };
    const refused = { ...apiError(401, 'Invalid access token'), headers: detail };
    const started = await fixture([tokenAnswer(), tokenAnswer(), tokenAnswer()]);
    approve(started, refused, refused);
    await expect(started.spotify.get(PATH)).rejects.toMatchObject({
      name: 'SpotifyAuthError',
      message: expect.stringContaining('error_description="Invalid access token"'),
    });
    expect(started.server.requests).toHaveLength(4);
  });
});

describe('refusals of the token endpoint', () => {
  test.each(['Refresh token expired', 'Refresh token revoked'])(
    '`invalid_grant`, %s: own error, never retried',
    async (description) => {
      const started = await fixture([invalid('invalid_grant', description), tokenAnswer()]);
      const message = expect.stringMatching(new RegExp(`${description}.*consent again`));
      await expect(started.spotify.get(PATH)).rejects.toMatchObject({ name: 'SpotifyAuthError', message });
      expect(started.server.requests).toHaveLength(1);
    },
  );

  test('invalid_client names what to check', async () => {
    const { spotify } = await fixture([invalid('invalid_client', 'Invalid client')]);
    const message = expect.stringMatching(/SPOTIFY_CLIENT_ID.*SPOTIFY_CLIENT_SECRET/);
    await expect(spotify.get(PATH)).rejects.toMatchObject({ name: 'SpotifyAuthError', message });
  });

  test('503, a reset and a short 429 are retried as calls are', async () => {
    const limited = { status: 429, headers: { 'retry-after': '2' } };
    const started = await fixture([{ status: 503, body: '' }, { reset: true }, limited, tokenAnswer()]);
    approve(started);
    expect(await started.spotify.get(PATH)).toMatchObject({ outcome: 'ok' });
    expect(started.slept).toEqual([500, 1_000, 2_250]);
  });

  test('a long 429 is handed to the Wait state', async () => {
    const { spotify } = await fixture([{ status: 429, headers: { 'retry-after': '3600' } }]);
    expect(await spotify.get(PATH)).toMatchObject({ outcome: 'wait', retryAt: '2026-11-23T04:00:00Z' });
  });

  test('503 for ever: a named error', async () => {
    const { spotify } = await fixture(Array<ScriptedAnswer>(7).fill({ status: 503, body: '' }));
    const message = expect.stringContaining('POST /api/token');
    await expect(spotify.get(PATH)).rejects.toMatchObject({ name: 'SpotifyUnavailableError', message });
  });

  test.each<[string, Record<string, unknown>]>([
    ['without a token', { access_token: undefined }],
    ['with a token no header can carry', { access_token: 'two\nlines' }],
    ['of another type', { token_type: 'MAC' }],
    ['that has no end', { expires_in: 'tomorrow' }],
  ])('an answer %s: the field is named', async (_case, more) => {
    const { spotify } = await fixture([tokenAnswer(more)]);
    const message = expect.stringContaining(Object.keys(more)[0] ?? '');
    await expect(spotify.get(PATH)).rejects.toMatchObject({ name: 'ContractError', message });
  });
});

describe('new `refresh_token` in the answer', () => {
  test('stored before use, and used for the next refresh', async () => {
    const events: string[] = [];
    const saveRefreshToken = async (token: string) => {
      const used = () => started.server.requests.some(({ path }) => path === PATH);
      await new Promise((resolve) => setTimeout(resolve, 20));
      events.push(`${token} stored, API ${used() ? 'called' : 'not called yet'}`);
    };
    const started = await fixture([tokenAnswer({ refresh_token: 'refresh-token-2' }), tokenAnswer()], {
      saveRefreshToken,
    });
    approve(started, {}, apiError(401, 'The access token expired'));
    await started.spotify.get(PATH);
    expect(events).toEqual(['refresh-token-2 stored, API not called yet']);
    await started.spotify.get(PATH);
    expect(formOf(tokenRequests(started)[1])).toMatchObject({ refresh_token: 'refresh-token-2' });
  });

  test('that cannot be stored: an error with its cause, and the access token is not used', async () => {
    const cause = new Error('the secret is read-only');
    const started = await fixture([tokenAnswer({ refresh_token: 'refresh-token-2' })], {
      saveRefreshToken: () => Promise.reject(cause),
    });
    approve(started);
    await expect(started.spotify.get(PATH)).rejects.toMatchObject({ name: 'LakeStateError', cause });
    expect(started.server.requests).toHaveLength(1);
  });

  test.each([undefined, null, ''])('none (%p): the old one stays', async (none) => {
    const stored: string[] = [];
    const started = await fixture([tokenAnswer({ refresh_token: none }), tokenAnswer()], {
      saveRefreshToken: async (token) => void stored.push(token),
    });
    approve(started, apiError(401, 'The access token expired'));
    await started.spotify.get(PATH);
    expect(stored).toEqual([]);
    expect(formOf(tokenRequests(started)[1])).toMatchObject({ refresh_token: REFRESH_TOKEN });
  });
});

test('the access token goes to the API and the credentials to the token endpoint, never the other way', async () => {
  const started = await fixture([tokenAnswer()]);
  approve(started);
  await started.spotify.get(PATH);
  const [token, call] = started.server.requests;
  expect(JSON.stringify(token)).not.toContain(ACCESS_TOKEN);
  expect(JSON.stringify(call)).not.toContain(REFRESH_TOKEN);
});
