import { ContractError, SpotifyAuthError, SpotifyUnavailableError } from '../domain/errors.ts';
import type { Tally } from '../domain/manifest.ts';
import type { AnsweredAttempt, Attempt, Situation, SpotifyOk, SpotifyWait, Step } from '../domain/spotify-answer.ts';
import { decide, FRESH } from '../domain/spotify-answer.ts';

export const newTally = (): Tally => ({ calls: {}, retries: 0, waited_ms: 0, bytes: 0 });

export interface Patience {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
  readonly tally: Tally;
}

export interface Call<A> {
  /** Method and path, for messages. */
  readonly name: string;
  /** One attempt, its body read. `renewToken` after the access token was refused. */
  readonly send: (renewToken: boolean) => Promise<Attempt>;
  readonly refusal: (answer: AnsweredAttempt, situation: Situation) => Step<A>;
}

const ERRORS = { ContractError, SpotifyAuthError, SpotifyUnavailableError };

/**
 * Attempts a call until it is settled. At worst this takes about five and a half minutes: six attempts of the
 * time-out's 30 s, 31 s of backoff and 122 s of Retry-After; a token that has to be fetched within it comes on top.
 *
 * ky's own retry is not used: it covers the headers only, while a body that breaks off or is not JSON has to be asked
 * for again too, and its `maxRetryAfter` shortens a long Retry-After and then calls again, where we hand it over.
 */
export async function settle<A>(call: Call<A>, patience: Patience): Promise<SpotifyOk | SpotifyWait | A> {
  const { now, sleep, random, log, tally } = patience;
  let progress = FRESH;
  let renewToken = false;
  for (;;) {
    const attempt = await call.send(renewToken);
    const situation = { call: call.name, progress, now: now(), random: random() };
    const step = decide(attempt, situation, call.refusal);
    if (step.do === 'answer') return step.answer;
    if (step.do === 'fail')
      throw new ERRORS[step.error](step.message, 'cause' in step ? { cause: step.cause } : undefined);
    log('Spotify is asked again', { call: call.name, why: step.why, after_ms: step.afterMs });
    tally.retries += 1;
    tally.waited_ms += step.afterMs;
    if (step.afterMs > 0) await sleep(step.afterMs);
    ({ progress, renewToken } = step);
  }
}
