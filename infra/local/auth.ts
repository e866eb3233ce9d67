import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { consentEndsAt } from '../../functions/domain/consent.ts';
import { InvalidInputError } from '../../functions/domain/errors.ts';
import { browserOpener, openInBrowser } from './auth/browser.ts';
import { refreshTokenFor } from './auth/code-exchange.ts';
import { type Attempt, type Client, consentUrl, newAttempt } from './auth/pkce.ts';
import { openRedirectServer } from './auth/redirect-server.ts';
import { putConsent, type SecretsClient } from './auth/secret.ts';
import { consentFile, type KeptConsent, readConsent, saveConsent } from './consent-file.ts';
import { SPOTIFY } from './spotify-settings.ts';
import type { Output } from './start.ts';

export const AUTH_HELP = `Asks for your consent to read your playlists, once every six months.

Usage: npm run auth -- [options]

  --client-id ID    Client ID of your Spotify app (default: SPOTIFY_CLIENT_ID, or that of the last consent).
  --port PORT       Where the browser comes back to, on 127.0.0.1 (default: 8888). The app's settings on
                    developer.spotify.com must have the redirect URI http://127.0.0.1:8888/callback.
  --aws             Keep the consent in the deployment's secret instead of a file.
  --secret ID       With --aws: name or ARN of the secret (default: SPOTIFY_SECRET_ARN).
  --no-browser      Only print the link.
  --help            This text.`;

const DEFAULT_PORT = 8888;
const PATIENCE_MS = 10 * 60_000;

export interface AuthDeps {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  readonly now: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  /** Opens the link; absent: there is no browser. */
  readonly open?: ((url: string) => void) | undefined;
  /** With --aws. */
  readonly secrets: () => SecretsClient;
  /** How long to wait for the user; ten minutes when absent. */
  readonly patienceMs?: number;
}

/** `npm run auth`. Resolves to the exit code: 0 when the consent is kept, 2 for a bad option, 1 otherwise. */
export async function auth(argv: readonly string[], deps: AuthDeps): Promise<number> {
  try {
    const options = parse(argv);
    if (options.help) {
      deps.output.log(AUTH_HELP);
      return 0;
    }
    return await consent(options, deps);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    deps.output.error(`${name}: ${message}`);
    return error instanceof InvalidInputError ? 2 : 1;
  }
}

async function consent(options: Options, deps: AuthDeps): Promise<number> {
  const { environment, output, now } = deps;
  const clientId = options.clientId || environment.SPOTIFY_CLIENT_ID?.trim() || (await lastClientId(environment));
  if (!clientId) throw new InvalidInputError('which app? Give its client ID: npm run auth -- --client-id ID');
  const secretId = options.secret || environment.SPOTIFY_SECRET_ARN;
  if (options.aws && !secretId) {
    throw new InvalidInputError('which secret? Give its name or ARN: npm run auth -- --aws --secret ID');
  }
  const attempt = newAttempt(deps.random);
  const server = await openRedirectServer(options.port);
  try {
    const accountsUrl = environment.SPOTIFY_ACCOUNTS_URL?.replace(/\/+$/, '') || SPOTIFY.accountsUrl;
    const client = { accountsUrl, clientId, redirectUri: server.redirectUri };
    const keep = (kept: KeptConsent) =>
      options.aws && secretId ? putConsent(secretId, kept, deps.secrets()) : saveConsent(environment, kept);
    askUser(client, attempt, options, deps);
    const authorizedAt = await server.wait(
      attempt.state,
      async (code) => {
        const at = now();
        const refresh_token = await refreshTokenFor(code, client, attempt);
        await keep({ client_id: clientId, refresh_token, authorized_at: at.toISOString() });
        return at;
      },
      deps.patienceMs ?? PATIENCE_MS,
    );
    const end = consentEndsAt(authorizedAt).toISOString().slice(0, 10);
    const where = options.aws ? `the secret ${secretId}` : `${consentFile(environment)}, readable by you only`;
    output.log(`The consent holds until ${end}; it is kept in ${where}.`);
    output.log(`Next: ${options.aws ? 'npm run doctor -- --aws' : 'npm run doctor'}`);
    return 0;
  } finally {
    await server.close();
  }
}

const lastClientId = async (environment: AuthDeps['environment']) => (await readConsent(environment))?.client_id;

function askUser(client: Client, attempt: Attempt, { browser }: Options, { open, output }: AuthDeps): void {
  const url = consentUrl(client, attempt);
  output.log(`Open this link, and say yes. The app needs the redirect URI ${client.redirectUri}\n\n  ${url}\n`);
  if (browser) open?.(url);
}

type Options = ReturnType<typeof parse>;

function parse(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      allowNegative: true,
      options: {
        'client-id': { type: 'string' },
        port: { type: 'string', default: String(DEFAULT_PORT) },
        aws: { type: 'boolean', default: false },
        secret: { type: 'string' },
        browser: { type: 'boolean', default: true },
        help: { type: 'boolean', default: false },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port ${values.port} is not a port`);
    return { ...values, port, clientId: values['client-id']?.trim() };
  } catch (cause) {
    const sentence = (cause as Error).message.split('. ')[0];
    throw new InvalidInputError(`${sentence}. See npm run auth -- --help`, { cause });
  }
}

if (import.meta.main) {
  const program = browserOpener(process.platform, process.env);
  process.exitCode = await auth(process.argv.slice(2), {
    environment: process.env,
    output: console,
    now: () => new Date(),
    random: (bytes) => randomBytes(bytes),
    open: program ? (url) => openInBrowser(program, url) : undefined,
    secrets: () => new SecretsManagerClient({}),
  });
}
