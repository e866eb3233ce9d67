import { randomBytes } from 'node:crypto';
import { consentEndsAt } from '../../../functions/domain/consent.ts';
import { InvalidInputError } from '../../../functions/domain/errors.ts';
import { SPOTIFY } from '../spotify-settings.ts';
import { browserOpener, openInBrowser } from './browser.ts';
import { refreshTokenFor } from './code-exchange.ts';
import type { KeptConsent } from './consent-file.ts';
import { consentUrl, newAttempt } from './pkce.ts';
import { openRedirectServer } from './redirect-server.ts';

export const AUTH_OPTIONS = {
  'client-id': { type: 'string' },
  port: { type: 'string', default: '8888' },
  browser: { type: 'boolean', default: true },
} as const;

export const AUTH_OPTIONS_HELP = `  --client-id ID    Client ID of your Spotify app (default: SPOTIFY_CLIENT_ID, or that of the last consent).
  --port PORT       Where the browser comes back to, on 127.0.0.1 (default: 8888). The app's settings on
                    developer.spotify.com must have the redirect URI http://127.0.0.1:8888/callback.
  --no-browser      Only print the link (--browser, the default, opens it).`;

const PATIENCE_MS = 10 * 60_000;

/** How a person is asked. */
export interface Asking {
  readonly random: (bytes: number) => Uint8Array;
  /** Opens the link; absent: there is no browser. */
  readonly open?: ((url: string) => void) | undefined;
  /** How long to wait for the user; ten minutes when absent. */
  readonly patienceMs?: number;
}

export function thisMachine(): Asking {
  const program = browserOpener(process.platform, process.env);
  return { random: (bytes) => randomBytes(bytes), open: program ? (url) => openInBrowser(program, url) : undefined };
}

export interface Asked {
  readonly clientId: string;
  readonly port: number;
  readonly browser: boolean;
}

export interface ConsentDeps extends Asking {
  readonly environment: Readonly<Record<string, string | undefined>>;
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
