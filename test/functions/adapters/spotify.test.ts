import { afterEach, describe, expect, test } from '@jest/globals';
import { type ScriptedAnswer, startScriptedServer } from '../../support/scripted-server.ts';
import {
  ACCESS_TOKEN,
  apiError,
  type Fixture,
  START,
  startFixture,
  timeoutFor,
  tokenAnswer,
} from '../../support/spotify-fixture.ts';

const PATH = '/v1/playlists/abc/items';
const PAGE = { items: [{ item: { name: 'Träume 🎵' } }], total: 1, next: null };
const page: ScriptedAnswer = { body: PAGE };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A fixture with a token to give and these answers for the API. */
async function fixture(answers: ScriptedAnswer[], more: Parameters<typeof startFixture>[0] = {}): Promise<Fixture> {
  const started = await startFixture(more);
  open.push(started.server);
  started.server.script('/api/token', tokenAnswer());
  started.server.script('/v1/', ...answers);
  return started;
}
const apiRequests = ({ server }: Fixture) => server.requests.filter(({ path }) => path.startsWith('/v1/'));

describe('a good answer', () => {
  test('gives the bytes as received, and the same parsed', async () => {
    const body = JSON.stringify(PAGE, null, 2);
    const { spotify, slept } = await fixture([{ body }]);
    const answer = await spotify.get(PATH);
    if (answer.outcome !== 'ok') throw new Error(answer.outcome);
    expect(Buffer.from(answer.body).toString()).toBe(body);
    expect(answer.json).toEqual(PAGE);
    expect(slept).toEqual([]);
  });

  test('gzip: the bytes are the decoded ones', async () => {
    const { spotify } = await fixture([{ ...page, gzip: true }]);
    const answer = await spotify.get(PATH);
    if (answer.outcome !== 'ok') throw new Error(answer.outcome);
    expect(Buffer.from(answer.body).toString()).toBe(JSON.stringify(PAGE));
  });

  test('the request carries the query, the token and our name, whatever slash the API URL ends with', async () => {
    const started = await fixture([page]);
    await started.spotify.get(PATH, { limit: '50', additional_types: 'track,episode' });
    const [request] = apiRequests(started);
    const url = new URL(request?.path ?? '', started.server.url);
    expect(url.pathname).toBe(PATH);
    expect(Object.fromEntries(url.searchParams)).toEqual({ limit: '50', additional_types: 'track,episode' });
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${ACCESS_TOKEN}`,
      'user-agent': 'playlist-lake/0.1',
    });
  });
});

describe('500/502/503/504, connection reset, stall, truncated body, HTML body, invalid JSON, gzip', () => {
  const faults: [string, ScriptedAnswer][] = [
    ['500', apiError(500, 'Server error')],
    ['502 HTML body', { status: 502, body: '<html>Bad Gateway</html>', headers: { 'content-type': 'text/html' } }],
    ['503 empty body', { status: 503, body: '' }],
    ['504', { status: 504, body: '' }],
    ['408', { status: 408, body: '' }],
    ['connection reset', { reset: true }],
    ['stall before the headers', { ...page, delayMs: 400 }],
    ['stall in the body', { ...page, stall: true }],
    ['truncated body', { ...page, cutAfter: 20 }],
    ['truncated gzip', { ...page, gzip: true, cutAfter: 40 }],
    ['content-length too short', { ...page, headers: { 'content-length': '10', connection: 'close' } }],
    ['broken gzip', { body: 'not gzip at all', headers: { 'content-encoding': 'gzip' } }],
    ['200 HTML body', { body: '<html>We are working on it</html>' }],
    ['200 empty body', { body: '' }],
    ['invalid JSON', { body: '{"items": [' }],
  ];

  test.each(faults)('%s: retried, and the next answer counts', async (_case, fault) => {
    const { spotify, slept } = await fixture([fault, page], { timeoutMs: timeoutFor([fault]) });
    expect(await spotify.get(PATH)).toMatchObject({ outcome: 'ok', json: PAGE });
    expect(slept).toEqual([500]);
  });

  test.each(faults)('%s, the sixth fault in a row: a named error', async (_case, fault) => {
    const reset: ScriptedAnswer = { reset: true };
    const started = await fixture([reset, reset, reset, reset, reset, fault, page], { timeoutMs: timeoutFor([fault]) });
    const message = expect.stringMatching(`GET ${PATH}.*6 attempts`);
    await expect(started.spotify.get(PATH)).rejects.toMatchObject({ name: 'SpotifyUnavailableError', message });
    expect(apiRequests(started)).toHaveLength(6);
    expect(started.slept).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
  });

  test('a connection that is refused', async () => {
    const gone = await startScriptedServer();
    await gone.close();
    const { spotify } = await fixture([], { settings: { apiUrl: gone.url, accountsUrl: gone.url } });
    const failure = await spotify.get(PATH).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'SpotifyUnavailableError',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(failure).toHaveProperty('cause.cause.code', 'ECONNREFUSED');
    expect(spotify.tally.calls).toEqual({ 'POST /api/token error': 6 });
  });

  test('a redirect is not followed', async () => {
    const other = await startScriptedServer();
    open.push(other);
    const started = await fixture([{ status: 302, headers: { location: `${other.url}/v1/` } }]);
    await expect(started.spotify.get(PATH)).rejects.toMatchObject({ name: 'SpotifyUnavailableError' });
    expect(other.requests).toEqual([]);
  });
});

describe('429 with 1 s, 30 s, 3,600 s, 86,400 s, no `Retry-After`, `Retry-After` as a date', () => {
  const limited = (retryAfter?: string): ScriptedAnswer => ({
    ...apiError(429, 'API rate limit exceeded'),
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  });

  test.each([
    ['1 s', '1', 1_250],
    ['30 s', '30', 30_250],
    ['no Retry-After', undefined, 5_250],
    ['Retry-After as a date', new Date(START + 20_000).toUTCString(), 20_250],
  ])('with %s: waited in place', async (_case, header, ms) => {
    const { spotify, slept } = await fixture([limited(header), page]);
    expect(await spotify.get(PATH)).toMatchObject({ outcome: 'ok' });
    expect(slept).toEqual([ms]);
  });

  test.each([
    ['3,600 s', '3600', '2026-11-23T04:00:00Z'],
    ['86,400 s', '86400', '2026-11-24T03:00:00Z'],
  ])('with %s: handed to the Wait state', async (_case, header, retryAt) => {
    const { spotify, slept } = await fixture([limited(header)]);
    expect(await spotify.get(PATH)).toMatchObject({ outcome: 'wait', retryAt });
    expect(slept).toEqual([]);
  });

  test('six short ones in one call: waited five times, then handed over', async () => {
    const { spotify, slept } = await fixture([...Array<ScriptedAnswer>(6).fill(limited('1')), page]);
    expect(await spotify.get(PATH)).toMatchObject({ outcome: 'wait' });
    expect(slept).toHaveLength(5);
  });

  test('waits do not use up the attempts for faults', async () => {
    const faults = Array<ScriptedAnswer>(5).fill(apiError(502, 'Bad Gateway'));
    const { spotify } = await fixture([...Array<ScriptedAnswer>(5).fill(limited('1')), ...faults, page]);
    expect(await spotify.get(PATH)).toMatchObject({ outcome: 'ok' });
  });

  test('QUOTA_EXCEEDED: no further call until retryAt', async () => {
    const quota = { ...apiError(429, 'Quota exceeded', 'QUOTA_EXCEEDED'), headers: { 'retry-after': '50000' } };
    const started = await fixture([quota, page]);
    const first = await started.spotify.get(PATH);
    expect(first).toMatchObject({ outcome: 'wait', retryAt: '2026-11-23T16:53:20Z' });
    started.clock.now += 49_999_000;
    expect(await started.spotify.get('/v1/playlists/other')).toEqual(first);
    expect(apiRequests(started)).toHaveLength(1);
    started.clock.now += 1_000;
    started.server.script('/api/token', tokenAnswer());
    expect(await started.spotify.get(PATH)).toMatchObject({ outcome: 'ok' });
  });
});

describe('refusals', () => {
  test('playlist gone (404)', async () => {
    const { spotify } = await fixture([apiError(404, 'Resource not found')]);
    expect(await spotify.get(PATH)).toEqual({ outcome: 'gone', reason: 'Resource not found' });
  });

  test('not yours (403)', async () => {
    const { spotify } = await fixture([apiError(403, 'Forbidden'), page]);
    expect(await spotify.get(PATH)).toEqual({ outcome: 'forbidden', reason: 'Forbidden' });
    expect(await spotify.get(PATH)).toMatchObject({ outcome: 'ok' });
  });

  test('the app’s owner has no Premium (403)', async () => {
    const { spotify } = await fixture([apiError(403, 'Active premium subscription required for the owner of the app')]);
    await expect(spotify.get(PATH)).rejects.toMatchObject({ name: 'SpotifyAuthError' });
  });

  test('400 names path, status and message', async () => {
    const { spotify } = await fixture([apiError(400, 'Invalid limit')]);
    const message = expect.stringMatching(/\/v1\/playlists\/abc\/items.*400.*Invalid limit/);
    await expect(spotify.get(PATH)).rejects.toMatchObject({ name: 'ContractError', message });
  });
});

test('the tally counts by endpoint and status, whichever playlist', async () => {
  const { spotify } = await fixture([page, { reset: true }, page, apiError(404, 'Resource not found'), page]);
  await spotify.get('/v1/playlists/abc/items?offset=50');
  await spotify.get('/v1/playlists/def/items', { offset: '50' });
  await spotify.get('/v1/playlists/ghi');
  await spotify.get('/v1/me/playlists');
  expect(spotify.tally).toMatchObject({
    calls: {
      'POST /api/token 200': 1,
      'GET /v1/playlists/{id}/items 200': 2,
      'GET /v1/playlists/{id}/items error': 1,
      'GET /v1/playlists/{id} 404': 1,
      'GET /v1/me/playlists 200': 1,
    },
    retries: 1,
    waited_ms: 500,
  });
  expect(spotify.tally.bytes).toBeGreaterThan(3 * JSON.stringify(PAGE).length);
  expect(JSON.parse(JSON.stringify(spotify.tally))).toEqual(spotify.tally);
});
