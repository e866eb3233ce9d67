import { type Lake, writeJson } from './adapters/lake.ts';
import { progressKey, type RunPlace } from './domain/lake-paths.ts';
import type { PlaylistRecord, Reading } from './domain/manifest.ts';

/**
 * Writes progress while Spotify is already asked for what follows: half of all writes cost no time. A process that dies
 * in between loses no page by it, since a stored page without its progress is found again (`earlier-readings.ts`); so
 * whoever stores the next page waits for the progress of the one before.
 */
export interface ProgressWriter {
  /** Begins to write, after what is being written; at most one thing waits. */
  save(progress: Reading | PlaylistRecord): Promise<void>;
  /** Resolves when all is written. Throws what went wrong with a write. */
  settled(): Promise<void>;
}

export function createProgressWriter(lake: Lake, place: RunPlace): ProgressWriter {
  let pending = Promise.resolve();
  return {
    async save(progress) {
      await pending;
      pending = writeJson(lake, progressKey(place, progress.playlist_id), progress);
      // Whoever waits for it next hears of the failure.
      pending.catch(() => undefined);
    },
    settled: () => pending,
  };
}
