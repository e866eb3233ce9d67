import { createSpotify, type Spotify, type SpotifyDeps } from '../../functions/adapters/spotify.ts';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

export const START = Date.parse('2026-11-23T03:00:00Z');
export const CLIENT_SECRET = 'client-secret-3f9a';
export const REFRESH_TOKEN = 'refresh/token+7c21==';
export const ACCESS_TOKEN = 'access-token-b58e';

export const tokenAnswer = (more: Record<string, unknown> = {}): ScriptedAnswer => ({
  body: { access_token: ACCESS_TOKEN, token_type: 'Bearer', expires_in: 3_600, ...more },
});
export const apiError = (status: number, message: string, reason?: string) => ({
  status,
  body: { error: { status, message, ...(reason ? { reason } : {}) } },
});

/** Short where a case has to run into it; otherwise so long that a busy machine never does. */
export const timeoutFor = (answers: ScriptedAnswer[]): number =>
  answers.some(({ stall, delayMs }) => stall || delayMs) ? 150 : 5_000;

/** Spotify's adapter before a scripted server, with a clock that sleeping moves on at once. */
export interface Fixture {
  readonly server: ScriptedServer;
  readonly spotify: Spotify;
  readonly slept: number[];
  readonly logged: unknown[];
  readonly clock: { now: number };
}

export async function startFixture(more: Partial<SpotifyDeps> = {}): Promise<Fixture> {
  const server = await startScriptedServer();
  const clock = { now: START };
  const slept: number[] = [];
  const logged: unknown[] = [];
  const spotify = createSpotify({
    settings: { apiUrl: `${server.url}/`, accountsUrl: `${server.url}/` },
    credentials: { clientId: 'client-id', clientSecret: CLIENT_SECRET, refreshToken: REFRESH_TOKEN },
    now: () => clock.now,
    sleep: async (ms) => {
      slept.push(ms);
      clock.now += ms;
    },
    random: () => 0.5,
    log: (message, fields) => void logged.push({ message, fields }),
    saveRefreshToken: async () => {},
    timeoutMs: 5_000,
    ...more,
  });
  return { server, spotify, slept, logged, clock };
}
