import type { Tally } from '../domain/manifest.ts';
import type { Attempt, SpotifyOk, SpotifyRefusal, SpotifyWait } from '../domain/spotify-answer.ts';
import { apiRefusal, tokenRefusal } from '../domain/spotify-refusal.ts';
import { attemptOnce, type Outgoing } from './spotify-attempt.ts';
import { newTally, settle } from './spotify-call.ts';
import { createTokenSource, type SpotifyCredentials } from './spotify-token.ts';

export type { SpotifyCredentials } from './spotify-token.ts';

export interface SpotifySettings {
  /** `https://api.spotify.com`; the version belongs to the path. */
  readonly apiUrl: string;
  /** `https://accounts.spotify.com` */
  readonly accountsUrl: string;
}

/**
 * What all calls so far cost, as the manifest carries it. A key of `calls` is method, endpoint and status,
 * `GET /v1/playlists/{id}/items 200`, with `error` as the status where no answer came.
 */
export type SpotifyTally = Readonly<Tally>;

export type SpotifyAnswer = SpotifyOk | SpotifyRefusal | SpotifyWait;

/** The Web API, for one caller at a time: the limit is Spotify's, and a second caller only meets it sooner. */
export interface Spotify {
  /**
   * GETs `path` under `apiUrl`. After a `wait`, each call gives the same `wait` until its time has come, and Spotify is
   * not asked. Throws SpotifyUnavailableError when no usable answer came within the bounds, SpotifyAuthError when only
   * a person can help, ContractError when Spotify does not accept the request or its token answer is of another form,
   * LakeStateError when a new refresh token cannot be stored.
   */
  get(path: string, query?: Record<string, string>): Promise<SpotifyAnswer>;
  /** Grows with each attempt. */
  readonly tally: SpotifyTally;
}

export interface SpotifyDeps {
  readonly settings: SpotifySettings;
  readonly credentials: SpotifyCredentials;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
  /** Resolves when the token is stored for good. */
  readonly saveRefreshToken: (token: string) => Promise<void>;
  /** For one attempt; 30,000 when absent, as Spotify has been seen to stall for 30 to 45 s before a 504. */
  readonly timeoutMs?: number;
}

const TOKEN_PATH = '/api/token';

const urlOf = (base: string, path: string, query: Record<string, string> = {}): URL => {
  const url = new URL(`${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
};

/** One endpoint, whichever playlist: `/v1/playlists/{id}/items`. */
const endpointOf = (path: string): string => path.replace(/\?.*$/, '').replace(/\/playlists\/[^/]+/, '/playlists/{id}');

/** Throws ConfigError when the credentials allow no grant. Nothing is sent before the first `get`. */
export function createSpotify(deps: SpotifyDeps): Spotify {
  const { settings, now, timeoutMs = 30_000 } = deps;
  const tally = newTally();
  const patience = { ...deps, tally };
  const secrets = new Set<string>();

  const send = async (endpoint: string, outgoing: Outgoing): Promise<Attempt> => {
    const attempt = await attemptOnce(outgoing, { timeoutMs, secrets });
    const ended = `${endpoint} ${attempt.kind === 'answered' ? attempt.status : 'error'}`;
    tally.calls[ended] = (tally.calls[ended] ?? 0) + 1;
    if (attempt.kind === 'answered') tally.bytes += attempt.body.byteLength;
    return attempt;
  };

  const tokens = createTokenSource({
    credentials: deps.credentials,
    now,
    saveRefreshToken: deps.saveRefreshToken,
    guard: (secret) => secrets.add(secret),
    post: (form, headers) => {
      const name = `POST ${TOKEN_PATH}`;
      const url = urlOf(settings.accountsUrl, TOKEN_PATH);
      const sendOnce = () => send(name, { method: 'POST', url, headers, form });
      return settle({ name, send: sendOnce, refusal: tokenRefusal }, patience);
    },
  });

  const getOnce = async (path: string, query: Record<string, string>, renewToken: boolean): Promise<Attempt> => {
    const token = await tokens.get(renewToken);
    if (token.outcome === 'wait') return { kind: 'held', answer: token };
    const headers = { authorization: `Bearer ${token.accessToken}` };
    return send(`GET ${endpointOf(path)}`, { method: 'GET', url: urlOf(settings.apiUrl, path, query), headers });
  };

  let held: SpotifyWait | undefined;
  return {
    tally,
    async get(path, query = {}) {
      if (held && now() < Date.parse(held.retryAt)) return held;
      const sendOnce = (renewToken: boolean) => getOnce(path, query, renewToken);
      const answer = await settle({ name: `GET ${path}`, send: sendOnce, refusal: apiRefusal }, patience);
      held = answer.outcome === 'wait' ? answer : undefined;
      return answer;
    },
  };
}
