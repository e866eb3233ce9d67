import * as z from 'zod';
import { ConfigError, ContractError, LakeStateError } from '../domain/errors.ts';
import type { SpotifyOk, SpotifyWait } from '../domain/spotify-answer.ts';

export interface SpotifyCredentials {
  readonly clientId: string;
  /** Absent for a consent by PKCE, which has none. */
  readonly clientSecret?: string;
  /** Absent for client credentials, which stand for the app and no user. */
  readonly refreshToken?: string;
}

export interface TokenDeps {
  readonly credentials: SpotifyCredentials;
  /** POSTs the form to the token endpoint until it answers; refusals come as errors. */
  readonly post: (form: Record<string, string>, headers: Record<string, string>) => Promise<SpotifyOk | SpotifyWait>;
  readonly now: () => number;
  readonly saveRefreshToken: (token: string) => Promise<void>;
  /** Told of every secret before it is sent, so that it can be masked in what comes back. */
  readonly guard: (secret: string) => void;
}

export interface TokenSource {
  /** The access token in use, or a new one when it nears its end or `renew` says that it was refused. */
  get(renew: boolean): Promise<{ readonly outcome: 'token'; readonly accessToken: string } | SpotifyWait>;
}

/** Given up this long before its end, so that it does not expire on the way. */
const MARGIN_MS = 60_000;

const tokenAnswer = z.object({
  // Nothing that fetch would refuse as a header: its error would quote the token.
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  token_type: z.string().regex(/^bearer$/i),
  /** Seconds; 3600 so far. */
  expires_in: z.number().positive(),
  refresh_token: z.string().nullish(),
});

function parseAnswer(json: unknown): z.infer<typeof tokenAnswer> {
  const { data, error } = tokenAnswer.safeParse(json);
  if (data) return data;
  // Names of fields only: a value here is a secret.
  const fields = error.issues.map((issue) => issue.path.join('.') || 'the whole answer').join(', ');
  throw new ContractError(`POST /api/token: Spotify's answer is not a token, see ${fields}`);
}

function basicAuth(credentials: SpotifyCredentials, guard: TokenDeps['guard']): Record<string, string> {
  const pair = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64');
  guard(pair);
  return { authorization: `Basic ${pair}` };
}

/**
 * Fetches access tokens and keeps the current one in memory.
 *
 * A new refresh token in an answer is stored, and awaited, before the access token beside it is used: Spotify may have
 * ended the old one, so a crash in between would cost the consent. Throws ConfigError when the credentials allow no
 * grant, LakeStateError when the new refresh token cannot be stored.
 */
export function createTokenSource({ credentials, post, now, saveRefreshToken, guard }: TokenDeps): TokenSource {
  const { clientId, clientSecret } = credentials;
  let refreshToken = credentials.refreshToken;
  let current = { accessToken: '', endsAt: 0 };
  if (!clientSecret && !refreshToken) {
    throw new ConfigError('Spotify credentials: set SPOTIFY_REFRESH_TOKEN or SPOTIFY_CLIENT_SECRET, both are missing');
  }
  for (const secret of [clientSecret, refreshToken]) if (secret) guard(secret);
  const headers = clientSecret ? basicAuth(credentials, guard) : {};

  const form = (): Record<string, string> => ({
    ...(refreshToken
      ? { grant_type: 'refresh_token', refresh_token: refreshToken }
      : { grant_type: 'client_credentials' }),
    ...(clientSecret ? {} : { client_id: clientId }),
  });

  const keep = async (token: string): Promise<void> => {
    guard(token);
    try {
      await saveRefreshToken(token);
    } catch (cause) {
      const remedy = 'Make the secret writable; if the next run reports invalid_grant, a person must consent again.';
      throw new LakeStateError(`The new Spotify refresh token could not be stored. ${remedy}`, { cause });
    }
    refreshToken = token;
  };

  return {
    async get(renew) {
      if (renew || now() >= current.endsAt - MARGIN_MS) {
        const answer = await post(form(), headers);
        if (answer.outcome === 'wait') return answer;
        const { access_token: accessToken, expires_in: seconds, refresh_token: fresh } = parseAnswer(answer.json);
        guard(accessToken);
        if (fresh) await keep(fresh);
        current = { accessToken, endsAt: now() + seconds * 1_000 };
      }
      return { outcome: 'token', accessToken: current.accessToken };
    },
  };
}
