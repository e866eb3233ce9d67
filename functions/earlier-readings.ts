import { type Lake, readJson } from './adapters/lake.ts';
import { type CompleteDeps, completeRecords } from './complete-records.ts';
import {
  parseManifestKey,
  parseRawKey,
  parseTallyKey,
  progressKey,
  type RunPlace,
  rawDatePrefix,
  rawKey,
  runPrefix,
  tallyKey,
} from './domain/lake-paths.ts';
import { countEntries, type PlaylistRecord, ProgressSchema, type Reading, RunTallySchema } from './domain/manifest.ts';

/** What the lake already holds of the playlists, so that Spotify is not asked for it again. It is only looked at. */
export interface EarlierReadings {
  /** This run's own progress. */
  own(playlistId: string): Promise<HeldReading | undefined>;
  /** How far another run of this date came that never finished: the furthest reading of the newest version. */
  unfinished(playlistId: string): Promise<HeldReading | undefined>;
  /** The last complete reading; only its version says whether it still holds. All its pages are there. */
  complete(playlistId: string): Promise<PlaylistRecord | undefined>;
  /** The key of a first page that was stored right before a run was cut off and could not note it. */
  firstPageWithoutProgress(playlistId: string): string | undefined;
}

export interface HeldReading {
  readonly progress: Reading | PlaylistRecord;
  /** The key of the page that follows, stored right before the run was cut off and could not note it. */
  readonly nextPage: string | undefined;
}

/** Lists the date's raw objects and reads the manifests of the last published snapshots. */
export async function openEarlierReadings(deps: CompleteDeps): Promise<EarlierReadings> {
  const { lake, place } = deps;
  const objects = await lake.list(rawDatePrefix(place.snapshotDate));
  const written = new Map(objects.map(({ key, lastModified }) => [key, Number(lastModified)]));
  const finished = objects.flatMap(({ key }) => parseManifestKey(key) ?? []);
  const unfinished = await unfinishedRuns(objects, finished, deps);
  const complete = await completeRecords(finished, deps);
  const stored = storedSizes(lake);

  async function held(run: RunPlace, playlistId: string): Promise<HeldReading | undefined> {
    const key = progressKey(run, playlistId);
    const progress = written.has(key) ? await readJson(lake, key, ProgressSchema) : undefined;
    if (progress?.status !== 'reading') return progress && { progress, nextPage: undefined };
    const nextPage = rawKey({ ...run, playlistId, read: progress.read, offset: countEntries(progress.objects) });
    // One that is older than the progress belongs to another reading of the playlist.
    const isThere = (written.get(nextPage) ?? -1) >= (written.get(key) ?? 0);
    return { progress, nextPage: isThere ? nextPage : undefined };
  }

  return {
    own: (playlistId) => held(place, playlistId),

    async unfinished(playlistId) {
      const age = (run: RunPlace) => written.get(progressKey(run, playlistId)) ?? 0;
      const newestFirst = [...unfinished].sort((a, b) => age(b) - age(a));
      const readings = (await Promise.all(newestFirst.map((run) => held(run, playlistId)))).filter(
        (one) => one?.progress.status === 'reading' || one?.progress.status === 'complete',
      );
      const version = readings[0]?.progress.snapshot_id;
      return readings.filter((one) => one?.progress.snapshot_id === version).reduce(further, undefined);
    },

    async complete(playlistId) {
      const record = complete.get(playlistId);
      if (!record) return undefined;
      for (const { key, bytes } of record.objects) if ((await stored(key)) !== bytes) return undefined;
      return record;
    },

    firstPageWithoutProgress(playlistId) {
      const runs = [place, ...unfinished].filter((run) => !written.has(progressKey(run, playlistId)));
      const keys = runs.map((run) => rawKey({ ...run, playlistId, read: 1, offset: 0 }));
      return keys.find((key) => written.has(key));
    },
  };
}

/** Other runs of the date that never wrote a manifest and asked for the same market. */
async function unfinishedRuns(objects: readonly { key: string }[], finished: readonly RunPlace[], deps: CompleteDeps) {
  const { lake, place, market } = deps;
  const done = new Set([place.runId, ...finished.map(({ runId }) => runId)]);
  const runs = objects.flatMap(({ key }) => parseTallyKey(key) ?? []).filter(({ runId }) => !done.has(runId));
  const tallies = await Promise.all(runs.map((run) => readJson(lake, tallyKey(run), RunTallySchema)));
  return runs.filter((_, index) => tallies[index]?.market === market);
}

function further(best: HeldReading | undefined, one: HeldReading | undefined): HeldReading | undefined {
  const reach = (held: HeldReading | undefined) => {
    if (!held) return -1;
    if (held.progress.status === 'complete') return Number.POSITIVE_INFINITY;
    return countEntries(held.progress.objects) + (held.nextPage ? 0.5 : 0);
  };
  return reach(one) > reach(best) ? one : best;
}

/** Sizes of raw objects by key, a run's objects listed at the first question about one of them. */
function storedSizes(lake: Lake) {
  const runs = new Map<string, Promise<Map<string, number>>>();
  return async (key: string): Promise<number | undefined> => {
    const place = parseRawKey(key);
    if (!place) return undefined;
    const prefix = runPrefix(place);
    const listed =
      runs.get(prefix) ??
      lake.list(prefix).then((objects) => new Map(objects.map((object) => [object.key, object.sizeBytes])));
    runs.set(prefix, listed);
    return (await listed).get(key);
  };
}
