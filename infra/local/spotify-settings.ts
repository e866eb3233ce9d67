import type { SpotifyCredentials, SpotifySettings } from '../../functions/adapters/spotify.ts';
import { ConfigError } from '../../functions/domain/errors.ts';

/** Which Spotify a local run reads: the real one, another server that speaks its language, or the built-in demo. */
export type SpotifySource =
  | { readonly kind: 'demo' }
  | {
      readonly kind: 'server';
      readonly settings: SpotifySettings;
      readonly credentials: SpotifyCredentials;
      /** Set when the credentials are those that `npm run auth` keeps. */
      readonly fromConsent?: true;
    };

type Environment = Readonly<Record<string, string | undefined>>;

/** Of `npm run auth`. */
interface KeptConsent {
  readonly client_id: string;
  readonly refresh_token: string;
}

export const SPOTIFY = { apiUrl: 'https://api.spotify.com', accountsUrl: 'https://accounts.spotify.com' } as const;

/**
 * Reads the environment, and where that names no credentials, the kept consent. Throws ConfigError that names the
 * variable and what to do about it.
 */
export function spotifySource(environment: Environment, consent?: KeptConsent): SpotifySource {
  const variable = (name: string) => environment[name]?.trim() || undefined;
  const clientId = variable('SPOTIFY_CLIENT_ID');
  const clientSecret = variable('SPOTIFY_CLIENT_SECRET');
  const refreshToken = variable('SPOTIFY_REFRESH_TOKEN');
  const apiUrl = serverUrl('SPOTIFY_API_URL', variable('SPOTIFY_API_URL'));
  const accountsUrl = serverUrl('SPOTIFY_ACCOUNTS_URL', variable('SPOTIFY_ACCOUNTS_URL'));

  if (!clientId && (clientSecret || refreshToken)) {
    const given = clientSecret ? 'SPOTIFY_CLIENT_SECRET' : 'SPOTIFY_REFRESH_TOKEN';
    throw new ConfigError(`SPOTIFY_CLIENT_ID is missing, though ${given} is set: set both, or neither for the demo`);
  }
  const isOurs = consent !== undefined && (clientId ?? consent.client_id) === consent.client_id;
  if (isOurs && !clientSecret && !refreshToken && (clientId || !apiUrl)) {
    return {
      kind: 'server',
      settings: { apiUrl: apiUrl ?? SPOTIFY.apiUrl, accountsUrl: accountsUrl ?? SPOTIFY.accountsUrl },
      credentials: { clientId: consent.client_id, refreshToken: consent.refresh_token },
      fromConsent: true,
    };
  }
  if (clientId && !clientSecret && !refreshToken) {
    throw new ConfigError(
      'SPOTIFY_CLIENT_ID is set, but neither SPOTIFY_REFRESH_TOKEN nor SPOTIFY_CLIENT_SECRET: consent with npm run auth, or set one of them too',
    );
  }
  if (!clientId && !apiUrl) return { kind: 'demo' };
  if (!clientId && !accountsUrl) {
    throw new ConfigError('SPOTIFY_API_URL is set without SPOTIFY_CLIENT_ID: set it, or SPOTIFY_ACCOUNTS_URL as well');
  }
  return {
    kind: 'server',
    settings: { apiUrl: apiUrl ?? SPOTIFY.apiUrl, accountsUrl: accountsUrl ?? SPOTIFY.accountsUrl },
    credentials: {
      // A stand-in for Spotify asks for some client, and any will do; the real one is never reached without an ID.
      clientId: clientId ?? 'playlist-lake',
      ...(clientSecret ? { clientSecret } : clientId ? {} : { clientSecret: 'none' }),
      ...(refreshToken ? { refreshToken } : {}),
    },
  };
}

function serverUrl(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isServer = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!url || !isServer) throw new ConfigError(`${name} is not a URL like https://api.spotify.com: ${text}`);
  return text.replace(/\/+$/, '');
}
