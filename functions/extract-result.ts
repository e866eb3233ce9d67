import type { Telemetry } from './adapters/telemetry.ts';
import { consentNotice, tokenDaysLeft } from './domain/consent.ts';
import { countEntries, type PlaylistRecord, type Tally } from './domain/manifest.ts';
import type { ExtractDeps } from './extract-deps.ts';

/** What Extract tells the state machine: counts and times, never entries. */
export interface ExtractResult {
  /** complete or partial: the manifest is written. wait: come back at retryAt. continue: come back at once. */
  readonly status: 'complete' | 'partial' | 'wait' | 'continue';
  readonly retryAt: string | null;
  readonly playlists: number;
  readonly unreadable: number;
  readonly entries: number;
  /** Calls of Spotify in this run, and how many of them only repeated one that had failed. */
  readonly calls: number;
  readonly retries: number;
  /** Days until the user's consent ends; null: not known, or none is used. */
  readonly tokenDaysLeft: number | null;
  /** What a person should hear although the run went well, with the command to type; null: nothing. */
  readonly notice: string | null;
}

export const entriesOf = (records: readonly Pick<PlaylistRecord, 'objects'>[]): number =>
  records.reduce((sum, { objects }) => sum + countEntries(objects), 0);

export function summary(
  status: ExtractResult['status'],
  retryAt: string | null,
  records: readonly PlaylistRecord[],
  tally: Tally,
  { consent, now }: Pick<ExtractDeps, 'consent' | 'now'>,
): ExtractResult {
  const daysLeft = tokenDaysLeft(consent?.authorizedAt ?? null, now());
  return {
    status,
    retryAt,
    playlists: records.length,
    unreadable: records.filter((record) => record.status !== 'complete').length,
    entries: entriesOf(records),
    calls: Object.values(tally.calls).reduce((sum, calls) => sum + calls, 0),
    retries: tally.retries,
    tokenDaysLeft: daysLeft,
    notice: consentNotice(daysLeft, consent?.command ?? ''),
  };
}

/** Counts of a run are told once, when it has them all. */
export function extractMetrics(result: ExtractResult): Parameters<Telemetry['measure']>[0] {
  if (result.status === 'wait') return { SpotifyWaits: 1 };
  if (result.status === 'continue') return {};
  return {
    EntriesRead: result.entries,
    PlaylistsUnreadable: result.unreadable,
    SpotifyCalls: result.calls,
    SpotifyRetries: result.retries,
  };
}
