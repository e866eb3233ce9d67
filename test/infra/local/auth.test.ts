import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { browserOpener } from '../../../infra/local/auth/browser.ts';
import { consentFile, keepRefreshToken, readConsent } from '../../../infra/local/auth/consent-file.ts';
import { type AuthDeps, auth } from '../../../infra/local/auth.ts';
import { openSpotify } from '../../../infra/local/open-spotify.ts';
import { type ScriptedAnswer, startScriptedServer } from '../../support/scripted-server.ts';

const REFRESH_TOKEN = 'refresh-token-of-auth';
const NOW = new Date('2026-11-23T06:00:00.000Z');

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** What a browser does with the link: it comes back with what Spotify adds. */
type Visit = (link: URL, back: (query: Record<string, string>) => Promise<Response>) => Promise<void>;

const sayYes: Visit = async (link, back) => {
  await back({ code: 'the-code', state: link.searchParams.get('state') ?? '' });
};

async function run(
  visit: Visit,
  { args = [], answer = { body: { refresh_token: REFRESH_TOKEN } }, ...more }: RunOptions = {},
) {
  const accounts = await startScriptedServer();
  open.push(accounts);
  accounts.script('/api/token', answer);
  const environment = {
    XDG_CONFIG_HOME: mkdtempSync(join(tmpdir(), 'config-')),
    SPOTIFY_ACCOUNTS_URL: accounts.url,
    ...more.environment,
  };
  const said: string[] = [];
  let visited: Promise<void> | undefined;
  let link: URL | undefined;
  const code = await auth(['--client-id', 'the-client', '--port', '0', ...args], {
    output: { log: (text) => said.push(text), error: (text) => said.push(text) },
    now: () => NOW,
    random: (bytes) => new Uint8Array(bytes).fill(7),
    open: (url) => {
      const opened = new URL(url);
      link = opened;
      const redirect = opened.searchParams.get('redirect_uri') ?? '';
      visited = visit(opened, (query) => fetch(`${redirect}?${new URLSearchParams(query)}`));
    },
    patienceMs: 5_000,
    ...more,
    environment,
  });
  await visited;
  return { code, said: said.join('\n'), accounts, environment, link };
}
type RunOptions = Partial<AuthDeps> & { args?: string[]; answer?: ScriptedAnswer };

describe('consent', () => {
  test('PKCE to the letter, the token kept for this user alone, nothing secret on the screen', async () => {
    let page = '';
    const { code, said, accounts, environment, link } = await run(async (link, back) => {
      page = await (await back({ code: 'the-code', state: link.searchParams.get('state') ?? '' })).text();
    });
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining('2027-05-23') });
    expect(page).toContain('Done');
    const asked = Object.fromEntries(link?.searchParams ?? []);
    const form = Object.fromEntries(new URLSearchParams(accounts.requests[0]?.body));
    expect(asked).toMatchObject({
      client_id: 'the-client',
      response_type: 'code',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
      scope: 'playlist-read-private playlist-read-collaborative user-library-read',
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256')
        .update(form.code_verifier ?? '')
        .digest('base64url'),
    });
    expect(form).toEqual({
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: asked.redirect_uri,
      client_id: 'the-client',
      code_verifier: expect.stringMatching(/^[\w-]{43,128}$/),
    });
    const file = consentFile(environment);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      client_id: 'the-client',
      refresh_token: REFRESH_TOKEN,
      authorized_at: NOW.toISOString(),
    });
    expect(said).not.toMatch(new RegExp(`${REFRESH_TOKEN}|${form.code_verifier}|the-code`));
  });

  test('a redirect with another state is refused, and the right one still counts', async () => {
    let status = 0;
    const { code, accounts } = await run(async (link, back) => {
      status = (await back({ code: 'forged', state: 'other' })).status;
      await sayYes(link, back);
    });
    expect({ code, status }).toEqual({ code: 0, status: 400 });
    expect(accounts.requests.map(({ body }) => new URLSearchParams(body).get('code'))).toEqual(['the-code']);
  });

  test.each<[string, Visit, ScriptedAnswer, string]>([
    [
      'the user says no',
      async (link, back) => void (await back({ error: 'access_denied', state: link.searchParams.get('state') ?? '' })),
      {},
      'refused',
    ],
    ['the code is not accepted', sayYes, { status: 400, body: { error: 'invalid_grant' } }, 'invalid_grant'],
    ['Spotify is down', sayYes, { status: 503, body: '' }, '503'],
    ['an answer without a token that quotes one', sayYes, { body: { access_token: REFRESH_TOKEN } }, 'without a token'],
  ])('%s: nothing is kept, exit code 1', async (_name, visit, answer, says) => {
    const { code, said, environment } = await run(visit, { answer });
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining(says) });
    expect(said).not.toContain(REFRESH_TOKEN);
    expect(existsSync(consentFile(environment))).toBe(false);
  });

  test('nobody comes: an end all the same', async () => {
    const { code } = await run(async () => {}, { patienceMs: 20 });
    expect(code).toBe(1);
  });

  test('without a browser the link is printed and nothing is opened', async () => {
    const { said, link } = await run(async () => {}, { args: ['--no-browser'], patienceMs: 20 });
    expect(said).toContain('/authorize?client_id=the-client');
    expect(link).toBeUndefined();
  });

  test.each([[['--prt', '1']], [['--port', 'x']]])('%j is a usage error', async (args) => {
    expect((await run(async () => {}, { args })).code).toBe(2);
  });

  test('a port that is taken is named', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => new Promise((resolve) => taken.close(() => resolve())) });
    const { port } = taken.address() as AddressInfo;
    const { code, said } = await run(async () => {}, { args: ['--port', String(port)] });
    expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining(String(port)) });
  });
});

describe('the kept consent', () => {
  test('is used when the environment names no credentials, and follows a new token', async () => {
    const { environment } = await run(sayYes);
    const bare = { XDG_CONFIG_HOME: environment.XDG_CONFIG_HOME };
    await keepRefreshToken(bare, 'rotated');
    expect(await readConsent(bare)).toMatchObject({ refresh_token: 'rotated', authorized_at: NOW.toISOString() });
    for (const given of [bare, { ...bare, SPOTIFY_CLIENT_ID: 'the-client' }]) {
      expect(await openSpotify(given)).toMatchObject({
        settings: { apiUrl: 'https://api.spotify.com' },
        credentials: { clientId: 'the-client', refreshToken: 'rotated' },
        consent: { authorizedAt: NOW.toISOString(), command: 'npm run auth' },
      });
    }
  });

  test('gives way to credentials of the environment, and never goes to a stand-in that the environment names', async () => {
    const { environment } = await run(sayYes);
    const { XDG_CONFIG_HOME } = environment;
    const own = { XDG_CONFIG_HOME, SPOTIFY_CLIENT_ID: 'mine', SPOTIFY_CLIENT_SECRET: 'own-secret' };
    expect(await openSpotify(own)).toMatchObject({ credentials: { clientId: 'mine', clientSecret: 'own-secret' } });
    const standIn = {
      XDG_CONFIG_HOME,
      SPOTIFY_API_URL: 'http://127.0.0.1:9',
      SPOTIFY_ACCOUNTS_URL: 'http://127.0.0.1:9',
    };
    expect(JSON.stringify(await openSpotify(standIn))).not.toContain(REFRESH_TOKEN);
    await expect(openSpotify({ XDG_CONFIG_HOME, SPOTIFY_CLIENT_ID: 'other' })).rejects.toMatchObject({
      name: 'ConfigError',
    });
  });

  test('without one there is the demo', async () => {
    expect(await openSpotify({ XDG_CONFIG_HOME: mkdtempSync(join(tmpdir(), 'config-')) })).toEqual({ kind: 'demo' });
  });
});

test.each<[NodeJS.Platform, Record<string, string>, string | undefined]>([
  ['darwin', {}, 'open'],
  ['linux', { DISPLAY: ':0' }, 'xdg-open'],
  ['linux', {}, undefined],
])('on %s with %j the browser is opened by %s', (platform, environment, program) => {
  expect(browserOpener(platform, environment)).toBe(program);
});
