/** Used where Retry-After is 0 or in the past: asking again in the same instant only costs another refusal. */
const SHORTEST_MS = 1_000;
/** The longest seen is a day (the development quota); more than a week is a mistake, and nobody waits for it. */
const LONGEST_MS = 7 * 24 * 60 * 60 * 1_000;

const SECONDS = /^\d+(\.\d+)?$/;
// Date.parse alone is too kind: it reads "-5" as a day in May 2001.
const HTTP_DATE = /^[A-Z][a-z]+, .+ GMT$/;

export interface RetryAfter {
  /** How long to wait, in milliseconds: a second to seven days. */
  readonly ms: number;
  /** What was wrong with the header, for a person; absent when it was taken as it stood. */
  readonly note?: string;
}

function askedMs(header: string, now: number): number {
  if (SECONDS.test(header)) return Math.ceil(Number(header) * 1_000);
  return HTTP_DATE.test(header) ? Date.parse(header) - now : Number.NaN;
}

/**
 * Reads a `Retry-After` header (RFC 9110: seconds or an HTTP date). Never fails: what cannot be used is replaced by
 * `otherwiseMs`, what is absurdly long by seven days, and `note` says so.
 */
export function readRetryAfter(header: string | null, now: number, otherwiseMs: number): RetryAfter {
  if (header === null) return { ms: otherwiseMs, note: 'without Retry-After' };
  const shown = header.slice(0, 40);
  const ms = askedMs(header.trim(), now);
  if (Number.isNaN(ms)) return { ms: otherwiseMs, note: `Retry-After "${shown}" is not a time` };
  if (ms > LONGEST_MS) return { ms: LONGEST_MS, note: `Retry-After "${shown}" cut to 7 days` };
  return { ms: Math.max(ms, SHORTEST_MS) };
}
