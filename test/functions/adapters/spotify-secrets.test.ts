import { inspect } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import type { ScriptedAnswer } from '../../support/scripted-server.ts';
import {
  ACCESS_TOKEN,
  CLIENT_SECRET,
  type Fixture,
  REFRESH_TOKEN,
  startFixture,
  timeoutFor,
  tokenAnswer,
} from '../../support/spotify-fixture.ts';

const NEW_REFRESH_TOKEN = 'refresh-token-d04c';
const SECRETS = [ACCESS_TOKEN, CLIENT_SECRET, REFRESH_TOKEN, NEW_REFRESH_TOKEN].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
]);
SECRETS.push(Buffer.from(`client-id:${CLIENT_SECRET}`).toString('base64'));

const open: Fixture[] = [];
afterEach(async () => {
  for (const { server } of open.splice(0)) await server.close();
});

/** Everything that could be printed of a run that fails, hidden properties and causes included. */
async function traces(tokens: ScriptedAnswer[], answers: ScriptedAnswer[]): Promise<string> {
  const started = await startFixture({ timeoutMs: timeoutFor([...tokens, ...answers]) });
  open.push(started);
  started.server.script('/api/token', ...tokens);
  started.server.script('/v1/', ...answers);
  const ended = await started.spotify.get('/v1/playlists/abc').catch((error: unknown) => error);
  const { logged, spotify } = started;
  const everything = { ended, logged, tally: spotify.tally };
  return inspect(everything, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null });
}
const six = (answer: ScriptedAnswer) => Array<ScriptedAnswer>(6).fill(answer);
/** The last fault is the one the error tells of. */
const endingIn = (answer: ScriptedAnswer) => [...six({ reset: true }).slice(1), answer];
const token = tokenAnswer({ refresh_token: NEW_REFRESH_TOKEN });
const broken = JSON.stringify(token.body).slice(0, -1);

test.each<[string, ScriptedAnswer[], ScriptedAnswer[]]>([
  ['a gateway that echoes the request, 502', [token], six({ status: 502, echo: true })],
  ['a gateway that echoes the request, 400', [token], [{ status: 400, echo: true }]],
  ['a gateway that echoes the request, 403', [token], [{ status: 403, echo: true }]],
  ['a gateway that echoes the request, 429', [token], [...six({ status: 429, echo: true })]],
  [
    'the API’s message quotes the token',
    [token],
    [{ status: 404, body: { error: { message: `no ${ACCESS_TOKEN}` } } }],
  ],
  [
    '401 with the token in www-authenticate',
    [token, token],
    Array<ScriptedAnswer>(2).fill({ status: 401, headers: { 'www-authenticate': `Bearer realm="${ACCESS_TOKEN}"` } }),
  ],
  ['connection reset', [token], six({ reset: true })],
  ['time-out', [token], endingIn({ delayMs: 400 })],
  ['stall in the body', [token], endingIn({ stall: true, body: { a: 'b' } })],
  ['200 that is not JSON and quotes the token', [token], six({ body: `Bearer ${ACCESS_TOKEN}` })],
  ['token endpoint echoes the form, 503', six({ status: 503, echo: true }), []],
  ['token endpoint echoes the form, 418', [{ status: 418, echo: true }], []],
  ['token endpoint resets', six({ reset: true }), []],
  ['token endpoint stalls', endingIn({ delayMs: 400 }), []],
  ['a token answer that breaks off', six({ body: broken }), []],
  ['a token answer of another form', [tokenAnswer({ expires_in: 'soon', refresh_token: NEW_REFRESH_TOKEN })], []],
  ['a token that no header can carry', [tokenAnswer({ access_token: `${ACCESS_TOKEN}\n` })], []],
])('no secret shows: %s', async (_case, tokens, answers) => {
  const seen = await traces(tokens, answers);
  // The run did fail, and what is scanned is not empty.
  expect(seen).not.toContain("outcome: 'ok'");
  expect(seen).toMatch(/Error|gone|forbidden|wait/);
  for (const secret of SECRETS) expect(seen).not.toContain(secret);
});
