import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretStore, SpotifySecret } from './adapters/secrets.ts';
import { createSpotify, type Spotify, type SpotifyCredentials } from './adapters/spotify.ts';
import type { Telemetry } from './adapters/telemetry.ts';
import type { ParsedEnvironment } from './environment.ts';
import type { Consent } from './extract-deps.ts';

/** Spotify as the deployed function reads it: credentials and consent from the secret. */
export function connect(
  environment: ParsedEnvironment<'extract'>,
  secret: SpotifySecret,
  { saveRefreshToken }: Pick<SecretStore, 'saveRefreshToken'>,
  { log }: Pick<Telemetry, 'log'>,
): Spotify {
  return createSpotify({
    settings: { apiUrl: environment.SPOTIFY_API_URL, accountsUrl: environment.SPOTIFY_ACCOUNTS_URL },
    credentials: credentialsIn(secret),
    saveRefreshToken,
    now: Date.now,
    sleep: (ms) => sleep(ms),
    random: Math.random,
    log,
  });
}

export const credentialsIn = (secret: SpotifySecret): SpotifyCredentials => ({
  clientId: secret.client_id,
  ...(secret.client_secret ? { clientSecret: secret.client_secret } : {}),
  ...(secret.refresh_token ? { refreshToken: secret.refresh_token } : {}),
});

/** undefined when the app reads as itself. */
export const consentIn = (secret: SpotifySecret): Consent | undefined =>
  secret.refresh_token ? { authorizedAt: secret.authorized_at ?? null, command: 'npm run auth -- --aws' } : undefined;
