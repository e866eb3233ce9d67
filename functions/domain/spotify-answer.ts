import { readRetryAfter } from './retry-after.ts';
import { errorMessage, errorReason, excerpt, isMarkup } from './spotify-error-body.ts';

/** A whole answer. `body` is a JSON document, `json` the same parsed. */
export interface SpotifyOk {
  readonly outcome: 'ok';
  /** The bytes received, after content-encoding: what the raw zone keeps. */
  readonly body: Uint8Array;
  readonly json: unknown;
}

/** Spotify asks for more patience than fits into one call. Nothing is to be asked of it before `retryAt`. */
export interface SpotifyWait {
  readonly outcome: 'wait';
  /** ISO 8601 UTC in whole seconds. */
  readonly retryAt: string;
  readonly reason: string;
}

/** 404 and the 403 that concerns only what was asked for; `reason` is Spotify's own message. */
export interface SpotifyRefusal {
  readonly outcome: 'gone' | 'forbidden';
  readonly reason: string;
}

export interface AnsweredAttempt {
  readonly kind: 'answered';
  readonly status: number;
  readonly body: Uint8Array;
  /** undefined when the body is not JSON. */
  readonly json: unknown;
  /** The body as text with secrets masked. */
  readonly text: string;
  readonly retryAfter: string | null;
  /** Empty where there is none. */
  readonly wwwAuthenticate: string;
}

/** What one HTTP attempt gave: an answer, a fault that left none, or no attempt since the token has to wait. */
export type Attempt =
  | AnsweredAttempt
  | { readonly kind: 'fault'; readonly what: string; readonly cause: unknown }
  | { readonly kind: 'held'; readonly answer: SpotifyWait };

/** What a call has used up of its patience. */
export interface Progress {
  readonly faults: number;
  readonly waits: number;
  /** Retry-After together, in milliseconds, jitter aside. */
  readonly askedMs: number;
  readonly renewals: number;
}

export const FRESH: Progress = { faults: 0, waits: 0, askedMs: 0, renewals: 0 };

export interface Situation {
  /** Method and path, for messages. */
  readonly call: string;
  readonly progress: Progress;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
}

/** What to do after an attempt, as data. */
export type Step<A> =
  | { readonly do: 'answer'; readonly answer: A }
  | { readonly do: 'fail'; readonly error: FailureName; readonly message: string; readonly cause?: unknown }
  | {
      readonly do: 'again';
      readonly afterMs: number;
      readonly renewToken: boolean;
      readonly why: string;
      readonly progress: Progress;
    };

export type FailureName = 'SpotifyAuthError' | 'SpotifyUnavailableError' | 'ContractError';

const MAX_ATTEMPTS = 6;
const BACKOFF_FROM_MS = 1_000;
const BACKOFF_CAP_MS = 20_000;

/** Longest Retry-After that is slept through while a Lambda is paid for; the machine's Wait state takes the rest. */
const WAIT_IN_PLACE_MS = 60_000;
const MAX_WAITS = 5;
const MAX_ASKED_MS = 120_000;
const WAIT_JITTER_MS = 500;
const RATE_LIMIT_DEFAULT_MS = 5_000;
const QUOTA_DEFAULT_MS = 3_600_000;
/** Spotify counts its rate limit over a rolling 30 seconds: one window has to pass for a fresh start. */
const RATE_WINDOW_MS = 30_000;

/** Fault number 1, 2, 3, … waits anything up to 1, 2, 4, … seconds ("full jitter"). */
function afterFault(what: string, { call, progress, random }: Situation, cause?: unknown): Step<never> {
  const faults = progress.faults + 1;
  if (faults >= MAX_ATTEMPTS) {
    const attempts = faults + progress.waits + progress.renewals;
    const message = `${call}: no usable answer in ${attempts} attempts, the last one: ${what}. Run again later.`;
    return { do: 'fail', error: 'SpotifyUnavailableError', message, ...(cause ? { cause } : {}) };
  }
  const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_FROM_MS * 2 ** (faults - 1));
  const afterMs = Math.round(random * ceiling);
  return { do: 'again', afterMs, renewToken: false, why: what, progress: { ...progress, faults } };
}

const handOver = (ms: number, now: number, reason: string): Step<SpotifyWait> => {
  // Rounded up, so that the Wait state never wakes before the time Spotify named.
  const retryAt = new Date(Math.ceil((now + ms) / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
  return { do: 'answer', answer: { outcome: 'wait', retryAt, reason } };
};

function afterTooMany(answer: AnsweredAttempt, { progress, now, random }: Situation): Step<SpotifyWait> {
  const quota = errorReason(answer) === 'QUOTA_EXCEEDED';
  const { ms, note } = readRetryAfter(answer.retryAfter, now, quota ? QUOTA_DEFAULT_MS : RATE_LIMIT_DEFAULT_MS);
  const asked = `${quota ? 'QUOTA_EXCEEDED' : '429'}, ${Math.ceil(ms / 1_000)} s${note ? ` (${note})` : ''}`;
  const why = `${asked}: ${errorMessage(answer)}`;
  if (quota || ms > WAIT_IN_PLACE_MS) return handOver(ms, now, why);
  if (progress.waits >= MAX_WAITS || progress.askedMs + ms > MAX_ASKED_MS) {
    return handOver(Math.max(ms, RATE_WINDOW_MS), now, `${why}, after ${progress.waits} waits in this call`);
  }
  const spent = { ...progress, waits: progress.waits + 1, askedMs: progress.askedMs + ms };
  const afterMs = ms + Math.round(random * WAIT_JITTER_MS);
  return { do: 'again', afterMs, renewToken: false, why, progress: spent };
}

/**
 * What to do after an attempt of any call to Spotify. `refusal` judges the statuses that mean something else at the
 * Web API and at the token endpoint: 4xx other than 408 and 429.
 */
export function decide<A>(
  attempt: Attempt,
  situation: Situation,
  refusal: (answer: AnsweredAttempt, situation: Situation) => Step<A>,
): Step<SpotifyOk | SpotifyWait | A> {
  if (attempt.kind === 'held') return { do: 'answer', answer: attempt.answer };
  if (attempt.kind === 'fault') return afterFault(attempt.what, situation, attempt.cause);
  const { status, body, json, text } = attempt;
  const shown = `${status} ${excerpt(text)}`;
  if (status >= 200 && status < 300) {
    if (json === undefined) return afterFault(`${shown}, which is not JSON`, situation);
    return { do: 'answer', answer: { outcome: 'ok', body, json } };
  }
  if (status < 400) {
    // The API never redirects: this is a proxy or a sign-in page in between, and the token must not follow it there.
    const message = `${situation.call}: answered ${status}, a redirect, which is not followed. Check the network.`;
    return { do: 'fail', error: 'SpotifyUnavailableError', message };
  }
  if (status === 429) return afterTooMany(attempt, situation);
  // An HTML page is a gateway's word, not the API's: it says nothing about a playlist.
  if (status === 408 || status >= 500 || (status !== 401 && isMarkup(text))) {
    return afterFault(shown, situation);
  }
  return refusal(attempt, situation);
}
