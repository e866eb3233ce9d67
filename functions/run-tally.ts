import { type Lake, readJson, writeJson } from './adapters/lake.ts';
import { SpotifyUnavailableError } from './domain/errors.ts';
import { type RunPlace, tallyKey } from './domain/lake-paths.ts';
import { type RunTally, RunTallySchema, type Tally } from './domain/manifest.ts';

/**
 * Two quotas of a day in one run, the longest that were measured, and the machine's own three days not used up. A longer
 * wait would end the execution by its time-out, with no alert that says why.
 */
const LONGEST_WAIT_MS = 48 * 60 * 60 * 1_000;

/** Calls and waits of one run, also over several calls of Extract and several processes. */
export interface RunCounters {
  /** Of the whole run so far. */
  spotify(): Tally;
  /** Set while Spotify is not to be asked. Throws as `wait` does. */
  held(): string | null;
  /** Adds a wait that Spotify asked for. Throws SpotifyUnavailableError when all of them together are too long. */
  wait(retryAt: string, reason: string): void;
  save(): Promise<void>;
}

interface CountersDeps {
  readonly lake: Lake;
  readonly place: RunPlace;
  readonly market: string | null;
  /** Grows with each attempt, and may hold those of an earlier run. */
  readonly tally: Tally;
  readonly now: () => Date;
}

const NONE: Tally = { calls: {}, retries: 0, waited_ms: 0, bytes: 0 };

export async function openRunTally({ lake, place, market, tally, now }: CountersDeps): Promise<RunCounters> {
  const key = tallyKey(place);
  const before = await readJson(lake, key, RunTallySchema);
  const start = structuredClone(tally);
  let askedMs = before?.asked_to_wait_ms ?? 0;
  let retryAt = before?.retry_at ?? null;
  const spotify = () => add(before?.spotify ?? NONE, add(tally, start, -1));
  return {
    spotify,
    held() {
      if (retryAt === null || now() >= new Date(retryAt)) return null;
      // The state is tried again after the error, which must not become a wait by that.
      if (askedMs > LONGEST_WAIT_MS) throw tooLong(askedMs, retryAt);
      return retryAt;
    },
    wait(until, reason) {
      if (until === retryAt) return;
      askedMs += Math.max(0, Date.parse(until) - now().getTime());
      retryAt = until;
      if (askedMs > LONGEST_WAIT_MS) throw tooLong(askedMs, until, reason);
    },
    async save() {
      const state: RunTally = { market, spotify: spotify(), asked_to_wait_ms: askedMs, retry_at: retryAt };
      await writeJson(lake, key, state);
    },
  };
}

function tooLong(askedMs: number, until: string, reason?: string): SpotifyUnavailableError {
  const asked = `${Math.ceil(askedMs / 3_600_000)} hours in all, until ${until}${reason ? ` (${reason})` : ''}`;
  return new SpotifyUnavailableError(
    `Spotify asks this run to wait ${asked}; it waits at most 48. Run the date again after that time.`,
  );
}

function add(a: Tally, b: Tally, sign = 1): Tally {
  const names = [...new Set([...Object.keys(a.calls), ...Object.keys(b.calls)])];
  const calls = names.map((name) => [name, (a.calls[name] ?? 0) + sign * (b.calls[name] ?? 0)] as const);
  return {
    calls: Object.fromEntries(calls.filter(([, count]) => count > 0)),
    retries: a.retries + sign * b.retries,
    waited_ms: a.waited_ms + sign * b.waited_ms,
    bytes: a.bytes + sign * b.bytes,
  };
}
