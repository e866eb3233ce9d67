import type { SpotifyCredentials, SpotifySettings } from '../../functions/adapters/spotify.ts';
import type { Consent } from '../../functions/extract-deps.ts';
import { type KeptConsent, keepRefreshToken, readConsent } from './auth/consent-file.ts';
import { currentRefreshToken, refreshTokenFile, saveRefreshToken } from './auth/refresh-token-file.ts';
import { type SpotifySource, spotifySource } from './spotify-settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The Spotify that a command reads, with its credentials and where a new refresh token goes. */
export type OpenedSpotify =
  | { readonly kind: 'demo' }
  | {
      readonly kind: 'server';
      readonly settings: SpotifySettings;
      readonly credentials: SpotifyCredentials;
      readonly saveRefreshToken: (token: string) => Promise<void>;
      /** Absent when the app reads as itself. */
      readonly consent?: Consent;
      /** In one line, whose credentials these are. */
      readonly says: string;
    };

/** The environment's credentials first, then those that `npm run auth` keeps, else the demo. Throws ConfigError. */
export async function openSpotify(environment: Environment): Promise<OpenedSpotify> {
  const kept = await readConsent(environment);
  const source = spotifySource(environment, kept);
  if (source.kind === 'demo') return source;
  return source.fromConsent && kept ? fromConsent(source, kept, environment) : fromEnvironment(source, environment);
}

type Server = Extract<SpotifySource, { kind: 'server' }>;

const fromConsent = (
  { settings, credentials }: Server,
  kept: KeptConsent,
  environment: Environment,
): OpenedSpotify => ({
  kind: 'server',
  settings,
  credentials,
  saveRefreshToken: (token) => keepRefreshToken(environment, token),
  consent: { authorizedAt: kept.authorized_at, command: 'npm run auth' },
  says: `Reading ${settings.apiUrl} as client ${credentials.clientId}, with the consent that npm run auth keeps.`,
});

async function fromEnvironment({ settings, credentials }: Server, environment: Environment): Promise<OpenedSpotify> {
  const given = credentials.refreshToken;
  const file = refreshTokenFile(environment);
  const authorizedAt = environment.SPOTIFY_AUTHORIZED_AT?.trim() || null;
  return {
    kind: 'server',
    settings,
    credentials: given ? { ...credentials, refreshToken: await currentRefreshToken(file, given) } : credentials,
    saveRefreshToken: (token) => saveRefreshToken(file, given ?? '', token),
    ...(given ? { consent: { authorizedAt, command: 'npm run auth' } } : {}),
    says: `Reading ${settings.apiUrl} as client ${credentials.clientId}.`,
  };
}
