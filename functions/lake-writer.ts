import { type Lake, writeJson } from './adapters/lake.ts';
import { progressKey, type RunPlace } from './domain/lake-paths.ts';
import { type RawResponse, storeRaw } from './raw-responses.ts';
import { type OpenReading, type OpenRecord, type StoredPage, written } from './stored-page.ts';

/**
 * Writes pages and progress, one after the other, while Spotify is already asked for what follows. The order makes it
 * safe: progress never names a page that is not stored, and a page that is stored without its progress is found again
 * (`earlier-readings.ts`). So a process that dies loses the page that was on its way, and the one it was waiting for.
 */
export interface LakeWriter {
  store(body: Uint8Array, response: RawResponse): StoredPage;
  save(progress: OpenReading | OpenRecord): void;
  saveJson(key: string, value: unknown): void;
  /**
   * Resolves when all is written. Throws what went wrong with a write, after which nothing more is written. Whoever has
   * a page waits for this before it hands the page over: two bodies in memory are enough.
   */
  settled(): Promise<void>;
}

export function createLakeWriter(lake: Lake, place: RunPlace): LakeWriter {
  let last: Promise<unknown> = Promise.resolve();
  function queue<T>(write: () => Promise<T>): Promise<T> {
    const done = last.then(write);
    // Whoever waits for it next hears of the failure.
    done.catch(() => undefined);
    last = done;
    return done;
  }
  const saveJson = (key: string, value: () => unknown) => void queue(async () => writeJson(lake, key, await value()));
  return {
    store: (body, response) => ({
      entries: response.entries,
      object: queue(() => storeRaw(body, response, { lake, place })),
    }),
    save: (progress) => saveJson(progressKey(place, progress.playlist_id), () => written(progress)),
    saveJson: (key, value) => saveJson(key, () => value),
    async settled() {
      await last;
    },
  };
}
