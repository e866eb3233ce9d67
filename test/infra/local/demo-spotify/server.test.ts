import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startDemoSpotify } from '../../../../infra/local/demo-spotify/server.ts';
import { type DemoReader, openDemo, type Page, type Playlist } from './demo-reader.ts';

const LONG = '0gjyp1JMzfeatCeQWNO1J0';
const NOT_YOURS = '3hFXfkHriIjcjsenpEAO14';

let reader: DemoReader;
beforeAll(async () => {
  reader = await openDemo('2026-11-23');
});
afterAll(() => reader.demo.close());

async function refusal(response: Promise<Response> | Response) {
  const answered = await response;
  return { status: answered.status, body: await answered.json() };
}

describe('POST /api/token', () => {
  const ask = (body: URLSearchParams | string, type?: string) =>
    fetch(`${reader.demo.url}/api/token`, { method: 'POST', body, ...(type && { headers: { 'content-type': type } }) });

  test.each(['client_credentials', 'refresh_token'])('grants %s', async (grant_type) => {
    const response = await ask(new URLSearchParams({ grant_type, refresh_token: 'any' }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      access_token: expect.stringMatching(/^\S+$/),
      token_type: 'Bearer',
      expires_in: 3600,
    });
  });

  test('hands out a new token each time', async () => {
    const grants = [1, 2].map(() => ask(new URLSearchParams({ grant_type: 'client_credentials' })));
    const tokens = await Promise.all(
      grants.map(async (grant) => (await (await grant).json()) as { access_token: string }),
    );
    expect(new Set(tokens.map(({ access_token }) => access_token)).size).toBe(2);
  });

  test.each([
    ['no grant_type', 'unsupported_grant_type', new URLSearchParams({ client_id: 'x' }), undefined],
    ['a grant it does not know', 'unsupported_grant_type', new URLSearchParams({ grant_type: 'password' }), undefined],
    ['a body that is no form', 'invalid_request', '{"grant_type":"refresh_token"}', 'application/json'],
  ])('refuses %s', async (_, error, body, type) => {
    expect(await refusal(ask(body, type))).toEqual({
      status: 400,
      body: { error, error_description: expect.any(String) },
    });
  });
});

describe('who may ask', () => {
  test.each([
    ['no token', {}],
    ['a token it did not hand out', { authorization: 'Bearer somebody-elses' }],
    ['a scheme that is not Bearer', { authorization: 'Basic demo-access-token-1' }],
  ])('401 for %s', async (_, headers: Record<string, string>) => {
    const response = await fetch(`${reader.demo.url}/v1/playlists/${LONG}`, { headers });
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(await refusal(response)).toMatchObject({ status: 401, body: { error: { status: 401 } } });
  });
});

describe('GET /v1/playlists/{id}', () => {
  test('embeds the first 100 entries whatever is asked, and a link to the rest that works', async () => {
    const playlist = await reader.json<Playlist>(
      `/v1/playlists/${LONG}?additional_types=track,episode&limit=3&offset=9`,
    );
    expect(playlist.items).toMatchObject({ offset: 0, limit: 100, previous: null });
    expect(playlist.items?.items).toHaveLength(100);
    const next = new URL(playlist.items?.next ?? '');
    expect(next.origin).toBe(reader.demo.url);
    expect(Object.fromEntries(next.searchParams)).toEqual({
      additional_types: 'track,episode',
      offset: '100',
      limit: '50',
    });
    expect((await reader.fetch(next.href)).status).toBe(200);
  });

  test('has only the keys that a new Development Mode app is given', async () => {
    const playlist = await reader.json<Playlist>(`/v1/playlists/${LONG}`);
    expect(playlist).not.toHaveProperty('tracks');
    for (const wrapper of playlist.items?.items ?? []) expect(wrapper).not.toHaveProperty('track');
    const gone = ['available_markets', 'linked_from', 'popularity', 'label', 'album_group', 'publisher'];
    for (const key of gone) expect(JSON.stringify(playlist)).not.toContain(`"${key}"`);
    // A playlist has followers, an artist has none.
    expect(JSON.stringify(playlist.items)).not.toContain('"followers"');
  });

  test('fields selects what it names, and nothing by a name that is not there', async () => {
    const { snapshot_id } = await reader.json<Playlist>(`/v1/playlists/${LONG}`);
    expect(await reader.json(`/v1/playlists/${LONG}?fields=snapshot_id`)).toEqual({ snapshot_id });
    expect(await reader.json(`/v1/playlists/${LONG}?fields=tracks`)).toEqual({});
  });

  test('404 for an unknown playlist', async () => {
    const expected = { status: 404, body: { error: { status: 404, message: 'Resource not found' } } };
    expect(await refusal(reader.fetch('/v1/playlists/0000000000000000000000'))).toEqual(expected);
    expect(await refusal(reader.fetch('/v1/playlists/0000000000000000000000/items'))).toEqual(expected);
  });

  test('shows that a playlist of somebody else is there, without its contents', async () => {
    const playlist = await reader.json<Playlist>(`/v1/playlists/${NOT_YOURS}`);
    expect(playlist).toMatchObject({ id: NOT_YOURS, type: 'playlist', snapshot_id: expect.any(String) });
    expect(playlist).not.toHaveProperty('items');
    expect(reader.demo.playlists.map(({ id }) => id)).not.toContain(NOT_YOURS);
  });
});

describe('GET /v1/playlists/{id}/items', () => {
  test('gives 20 entries by default and 50 at most', async () => {
    const first = await reader.json<Page>(`/v1/playlists/${LONG}/items`);
    expect(first).toMatchObject({ offset: 0, limit: 20, previous: null });
    expect(first.items).toHaveLength(20);
    const most = await reader.json<Page>(`/v1/playlists/${LONG}/items?limit=50&offset=20`);
    expect(most.items).toHaveLength(50);
    expect(new URL(most.previous ?? '').searchParams.get('offset')).toBe('0');
  });

  test('the last page is short and has no next; behind it there is nothing', async () => {
    const { total } = await reader.json<Page>(`/v1/playlists/${LONG}/items`);
    const last = await reader.json<Page>(`/v1/playlists/${LONG}/items?limit=50&offset=${total - 7}`);
    expect(last).toMatchObject({ next: null, total });
    expect(last.items).toHaveLength(7);
    expect(await reader.json<Page>(`/v1/playlists/${LONG}/items?offset=${total}`)).toMatchObject({
      items: [],
      next: null,
    });
  });

  test.each(['limit=51', 'limit=0', 'limit=ten', 'limit=-1', 'offset=-1', 'offset=x'])('400 for %s', async (query) => {
    const message = query.startsWith('limit') ? 'Invalid limit' : 'Invalid offset';
    expect(await refusal(reader.fetch(`/v1/playlists/${LONG}/items?${query}`))).toEqual({
      status: 400,
      body: { error: { status: 400, message } },
    });
  });

  test.each([
    ['a playlist of somebody else', `/v1/playlists/${NOT_YOURS}/items`],
    ['the old name of the endpoint', `/v1/playlists/${LONG}/tracks`],
  ])('403 for %s', async (_, path) => {
    expect(await refusal(reader.fetch(path))).toEqual({
      status: 403,
      body: { error: { status: 403, message: 'Forbidden' } },
    });
  });
});

describe('GET /v1/me/playlists', () => {
  test('lists owned and followed playlists; only the contents of the user’s own are counted', async () => {
    const page = await reader.json<Page<Playlist>>('/v1/me/playlists?limit=50');
    expect(page).toMatchObject({ total: 5, limit: 50, offset: 0, next: null, previous: null });
    const readable = page.items.filter(({ items }) => items !== undefined);
    expect(readable.map(({ id, name }) => ({ id, name }))).toEqual(reader.demo.playlists);
    for (const { id, items, snapshot_id } of readable) {
      const whole = await reader.readWhole(id);
      expect({ total: items?.total, snapshot_id }).toEqual({
        total: whole.items?.total,
        snapshot_id: whole.snapshot_id,
      });
    }
  });

  test('pages', async () => {
    const first = await reader.json<Page<Playlist>>('/v1/me/playlists?limit=3');
    const second = await reader.json<Page<Playlist>>(first.next ?? '');
    expect(first.items.length + second.items.length).toBe(first.total);
    expect((await reader.fetch('/v1/me/playlists?limit=51')).status).toBe(400);
  });
});

describe('anything else', () => {
  test.each(['/', '/v1/me', '/v1/tracks/x', '/api/token', `/v1/playlists/${LONG}/items/1`, '/v1/playlists/'])(
    '404 for GET %s',
    async (path) => expect(await refusal(reader.fetch(path))).toMatchObject({ status: 404 }),
  );

  test('404 for a method that would change something', async () => {
    const response = await fetch(`${reader.demo.url}/v1/playlists/${LONG}`, { method: 'DELETE' });
    expect(response.status).toBe(404);
  });
});

describe('faults', () => {
  const statuses = async (faults: boolean) => {
    const faulty = await openDemo('2026-11-23', faults);
    const seen: Response[] = [];
    for (let call = 1; call <= 45; call += 1) seen.push(await faulty.fetch('/v1/me/playlists?limit=1'));
    await faulty.demo.close();
    return seen;
  };

  test('a run of ten calls meets one of each, and never two in a row', async () => {
    const seen = await statuses(true);
    const failed = seen.flatMap(({ status }, index) => (status === 200 ? [] : [`${index + 1}: ${status}`]));
    expect(failed).toEqual(['3: 429', '7: 502', '23: 429', '27: 502', '43: 429']);
    expect(seen[2]?.headers.get('retry-after')).toBe('1');
    expect(seen[6]?.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await seen[6]?.text()).toContain('<h1>502 Bad Gateway</h1>');
  });

  test('none when they are switched off', async () => {
    expect((await statuses(false)).every(({ status }) => status === 200)).toBe(true);
  });

  test('are on unless somebody says no', async () => {
    const demo = await startDemoSpotify({ snapshotDate: '2026-11-23' });
    const body = new URLSearchParams({ grant_type: 'refresh_token' });
    const granted = await fetch(`${demo.url}/api/token`, { method: 'POST', body });
    const { access_token } = (await granted.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${access_token}` };
    const seen: number[] = [];
    for (let call = 1; call <= 3; call += 1)
      seen.push((await fetch(`${demo.url}/v1/me/playlists`, { headers })).status);
    await demo.close();
    expect(seen).toEqual([200, 200, 429]);
  });
});

test('listens on the loopback interface, and not after it is closed', async () => {
  const { demo } = await openDemo('2026-01-05');
  expect(demo.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await demo.close();
  await expect(fetch(demo.url)).rejects.toThrow();
});

test('refuses a date that is none', async () => {
  await expect(startDemoSpotify({ snapshotDate: '2026-02-30' })).rejects.toMatchObject({
    name: 'InvalidInputError',
    message: expect.stringContaining('"2026-02-30"'),
  });
});
