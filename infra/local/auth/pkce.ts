import { createHash } from 'node:crypto';

/** The authorization-code flow with PKCE (RFC 7636) as Spotify has it: no secret, so nothing to leak. */

/** What the project reads: playlists of the user's own and those they work on, and their saved tracks. */
export const SCOPES = ['playlist-read-private', 'playlist-read-collaborative', 'user-library-read'];

export interface Attempt {
  /** 43 to 128 characters; known to this program only. */
  readonly verifier: string;
  /** Comes back in the redirect: one without it was not asked for here. */
  readonly state: string;
}

/** `random`: so many random bytes. */
export const newAttempt = (random: (bytes: number) => Uint8Array): Attempt => ({
  verifier: Buffer.from(random(48)).toString('base64url'),
  state: Buffer.from(random(24)).toString('base64url'),
});

export interface Client {
  readonly accountsUrl: string;
  readonly clientId: string;
  /** `http://127.0.0.1:PORT/callback`; Spotify refuses `localhost`. */
  readonly redirectUri: string;
}

/** The page on which the user says yes. */
export function consentUrl({ accountsUrl, clientId, redirectUri }: Client, { verifier, state }: Attempt): string {
  const url = new URL(`${accountsUrl}/authorize`);
  url.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    state,
    scope: SCOPES.join(' '),
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    show_dialog: 'true',
  }).toString();
  return url.href;
}
