import type { Lake } from './adapters/lake.ts';
import type { Spotify } from './adapters/spotify.ts';
import type { ExtractPayload } from './domain/execution-input.ts';
import type { RunPlace } from './domain/lake-paths.ts';
import type { ReadingConfig } from './domain/reading-config.ts';
import type { LakeWriter } from './lake-writer.ts';
import type { RunCounters } from './run-tally.ts';

/** The consent whose refresh token is used. */
export interface Consent {
  /** ISO 8601; null: not known. */
  readonly authorizedAt: string | null;
  /** What a person types to consent again. */
  readonly command: string;
}

export interface ExtractDeps {
  readonly spotify: Spotify;
  readonly lake: Lake;
  readonly apiUrl: string;
  /** The configured playlists' IDs, when the input names none. */
  readonly playlistIds: readonly string[];
  readonly market: string | null;
  readonly keepPersonalData: boolean;
  /** What else to read, and how often in full; absent: the defaults. */
  readonly reading?: ReadingConfig | undefined;
  /** Days that lifecycle rules leave raw objects; null or absent: they stay. */
  readonly rawRetentionDays?: number | null;
  /** Absent: the app reads as itself, so there is no user whose playlists could be listed. */
  readonly consent?: Consent | undefined;
  readonly now: () => Date;
  /** Milliseconds until this call is cut off. */
  readonly remainingMs: () => number;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

/** One call of Extract. */
export interface ExtractRun extends ExtractDeps {
  readonly place: RunPlace;
  readonly input: ExtractPayload;
  readonly counters: RunCounters;
  readonly writer: LakeWriter;
  readonly hasTime: () => boolean;
}
