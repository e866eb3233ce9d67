import { type Lake, readJson } from './adapters/lake.ts';
import { LakeStateError } from './domain/errors.ts';
import {
  manifestKey,
  PUBLISHED_PREFIX,
  parseManifestKey,
  parsePublicationKey,
  parseRawKey,
  parseTallyKey,
  progressKey,
  type RunPlace,
  rawDatePrefix,
  rawKey,
  runPrefix,
  tallyKey,
} from './domain/lake-paths.ts';
import {
  countEntries,
  type Manifest,
  ManifestSchema,
  type PlaylistRecord,
  ProgressSchema,
  PublicationSchema,
  type Reading,
  RunTallySchema,
} from './domain/manifest.ts';

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

export interface EarlierDeps {
  readonly lake: Lake;
  readonly place: RunPlace;
  readonly market: string | null;
  readonly now: () => Date;
  readonly fullReadEveryWeeks: number;
  /** Days that lifecycle rules leave raw objects; null: they stay. */
  readonly rawRetentionDays: number | null;
}

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;

/** Lists the date's raw objects and reads the manifests of the last published snapshots. */
export async function openEarlierReadings(deps: EarlierDeps): Promise<EarlierReadings> {
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
async function unfinishedRuns(objects: readonly { key: string }[], finished: readonly RunPlace[], deps: EarlierDeps) {
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

/** By playlist: of the date's own finished runs first, then of the last published dates. */
async function completeRecords(finished: readonly RunPlace[], deps: EarlierDeps): Promise<Map<string, PlaylistRecord>> {
  const { lake, place, market } = deps;
  const sameDate = await Promise.all(finished.map((run) => manifestOf(run, lake)));
  sameDate.sort((a, b) => ((a?.finished_at ?? '') < (b?.finished_at ?? '') ? 1 : -1));
  const manifests = [...sameDate, ...(await publishedManifests(deps))];
  const records = new Map<string, PlaylistRecord>();
  const on = [deps.now().toISOString().slice(0, 10), place.snapshotDate].sort().at(-1) ?? '';
  for (const manifest of manifests) {
    if (manifest === undefined || manifest.market !== market) continue;
    for (const record of manifest.playlists) {
      if (records.has(record.playlist_id) || record.status !== 'complete') continue;
      if (mayBePointedAt(record, on, deps)) records.set(record.playlist_id, record);
    }
  }
  return records;
}

/** The last ones, as many as there can be since the last full read. */
async function publishedManifests({ lake, fullReadEveryWeeks }: EarlierDeps): Promise<(Manifest | undefined)[]> {
  const published = (await lake.list(PUBLISHED_PREFIX)).filter(({ key }) => parsePublicationKey(key) !== undefined);
  const last = published.slice(-fullReadEveryWeeks).reverse();
  return Promise.all(
    last.map(async ({ key }) => {
      const publication = await readJson(lake, key, PublicationSchema);
      if (!publication) return undefined;
      return manifestOf({ snapshotDate: publication.snapshot_date, runId: publication.run_id }, lake);
    }),
  );
}

/** One that this version does not understand saves no calls, and does no harm. */
const manifestOf = (run: RunPlace, lake: Lake): Promise<Manifest | undefined> =>
  readJson(lake, manifestKey(run), ManifestSchema).catch((error: unknown) => {
    if (error instanceof LakeStateError) return undefined;
    throw error;
  });

/**
 * Not when a full read is due (a version does not move when Spotify withdraws a track), and not when the oldest page
 * would expire before the next weekly run could read it anew.
 */
function mayBePointedAt(record: PlaylistRecord, on: string, { fullReadEveryWeeks, rawRetentionDays }: EarlierDeps) {
  const dates = record.objects.map(({ key }) => parseRawKey(key)?.snapshotDate ?? '').sort();
  const ageDays = (Date.parse(on) - Date.parse(dates[0] ?? '')) / DAY_MS;
  const isFresh = ageDays < fullReadEveryWeeks * WEEK_DAYS;
  return isFresh && (rawRetentionDays === null || ageDays + WEEK_DAYS < rawRetentionDays);
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
