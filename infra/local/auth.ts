import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { consentEndsAt } from '../../functions/domain/consent.ts';
import { InvalidInputError } from '../../functions/domain/errors.ts';
import { browserOpener, openInBrowser } from './auth/browser.ts';
import { refreshTokenFor } from './auth/code-exchange.ts';
import { consentUrl, newAttempt } from './auth/pkce.ts';
import { openRedirectServer } from './auth/redirect-server.ts';
import { consentFile, type KeptConsent, readConsent, saveConsent } from './consent-file.ts';
import { SPOTIFY } from './spotify-settings.ts';
import type { Output } from './start.ts';

export const AUTH_OPTIONS = {
  'client-id': { type: 'string' },
  port: { type: 'string', default: '8888' },
  browser: { type: 'boolean', default: true },
} as const;

export const AUTH_OPTIONS_HELP = `  --client-id ID    Client ID of your Spotify app (default: SPOTIFY_CLIENT_ID, or that of the last consent).
  --port PORT       Where the browser comes back to, on 127.0.0.1 (default: 8888). The app's settings on
                    developer.spotify.com must have the redirect URI http://127.0.0.1:8888/callback.
  --no-browser      Only print the link (--browser, the default, opens it).`;

export const AUTH_HELP = `Asks for your consent to read your playlists, once every six months.

Usage: npm run auth -- [options]

${AUTH_OPTIONS_HELP}
  --aws             For the deployed stack: npm run auth -- --aws --help
  --help            This text.`;

const PATIENCE_MS = 10 * 60_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** How a person is asked. */
export interface Asking {
  readonly random: (bytes: number) => Uint8Array;
  /** Opens the link; absent: there is no browser. */
  readonly open?: ((url: string) => void) | undefined;
  /** How long to wait for the user; ten minutes when absent. */
  readonly patienceMs?: number;
}

export interface AuthDeps extends Asking {
  readonly environment: Environment;
  readonly output: Output;
  readonly now: () => Date;
}

/** `npm run auth`. Resolves to the exit code: 0 when the consent is kept, 2 for a bad option, 1 otherwise. */
export async function auth(argv: readonly string[], deps: AuthDeps): Promise<number> {
  const { environment, output } = deps;
  try {
    const options = parse(argv);
    if (options.help) {
      output.log(AUTH_HELP);
      return 0;
    }
    const clientId = options.clientId || environment.SPOTIFY_CLIENT_ID?.trim() || (await lastClientId(environment));
    if (!clientId) throw new InvalidInputError('which app? Give its client ID: npm run auth -- --client-id ID');
    await askForConsent(
      { ...options, clientId },
      {
        ...deps,
        log: output.log,
        keep: (consent) => saveConsent(environment, consent),
        where: `${consentFile(environment)}, readable by you only`,
        next: 'npm run doctor',
      },
    );
    return 0;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    output.error(`${name}: ${message}`);
    return error instanceof InvalidInputError ? 2 : 1;
  }
}

const lastClientId = async (environment: Environment) => (await readConsent(environment))?.client_id;

export interface Asked {
  readonly clientId: string;
  readonly port: number;
  readonly browser: boolean;
}

export interface ConsentDeps extends Asking {
  readonly environment: Environment;
  readonly now: () => Date;
  readonly log: (text: string) => void;
  readonly keep: (consent: KeptConsent) => Promise<void>;
  /** Where it is kept, and what to type next, for the person. */
  readonly where: string;
  readonly next: string;
}

/** Asks in the browser, by the authorization-code flow with PKCE, and keeps what comes back. Throws as its parts do. */
export async function askForConsent({ clientId, port, browser }: Asked, deps: ConsentDeps): Promise<void> {
  const { environment, now, log, keep } = deps;
  const attempt = newAttempt(deps.random);
  const server = await openRedirectServer(port);
  try {
    const accountsUrl = environment.SPOTIFY_ACCOUNTS_URL?.replace(/\/+$/, '') || SPOTIFY.accountsUrl;
    const client = { accountsUrl, clientId, redirectUri: server.redirectUri };
    const url = consentUrl(client, attempt);
    log(`Open this link, and say yes. The app needs the redirect URI ${client.redirectUri}\n\n  ${url}\n`);
    if (browser) deps.open?.(url);
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
    log(`The consent holds until ${end}; it is kept in ${deps.where}.\nNext: ${deps.next}`);
  } finally {
    await server.close();
  }
}

/** Throws InvalidInputError. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidInputError(`--port ${text} is not a port. See npm run auth -- --help`);
}

function parse(argv: readonly string[]) {
  const values = parsed(argv);
  return { ...values, port: parsePort(values.port), clientId: values['client-id']?.trim() };
}

function parsed(argv: readonly string[]) {
  try {
    const options = { ...AUTH_OPTIONS, help: { type: 'boolean', default: false } } as const;
    return parseArgs({ args: [...argv], allowNegative: true, options }).values;
  } catch (cause) {
    const sentence = (cause as Error).message.split('. ')[0];
    throw new InvalidInputError(`${sentence}. See npm run auth -- --help`, { cause });
  }
}

export function thisMachine(): Asking {
  const program = browserOpener(process.platform, process.env);
  return { random: (bytes) => randomBytes(bytes), open: program ? (url) => openInBrowser(program, url) : undefined };
}

async function main(): Promise<void> {
  if (process.argv.includes('--aws')) {
    const [{ main: runOnAws }, { authOnAws }] = await Promise.all([
      import('../aws/command.ts'),
      import('../aws/auth.ts'),
    ]);
    return runOnAws(authOnAws);
  }
  const environment = process.env;
  process.exitCode = await auth(process.argv.slice(2), {
    ...thisMachine(),
    environment,
    output: console,
    now: () => new Date(),
  });
}

if (import.meta.main) await main();
