import { type Lake, readJson } from './adapters/lake.ts';
import { LakeStateError } from './domain/errors.ts';
import { manifestKey, PUBLISHED_PREFIX, parsePublicationKey, parseRawKey, type RunPlace } from './domain/lake-paths.ts';
import { type Manifest, ManifestSchema, type PlaylistRecord, PublicationSchema } from './domain/manifest.ts';

/** The last complete readings of playlists, as the manifests of earlier runs name them. */
export interface CompleteDeps {
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

/** By playlist: of the date's own finished runs first, then of the last published dates. */
export async function completeRecords(
  finished: readonly RunPlace[],
  deps: CompleteDeps,
): Promise<Map<string, PlaylistRecord>> {
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
async function publishedManifests({ lake, fullReadEveryWeeks }: CompleteDeps): Promise<(Manifest | undefined)[]> {
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
function mayBePointedAt(record: PlaylistRecord, on: string, { fullReadEveryWeeks, rawRetentionDays }: CompleteDeps) {
  const dates = record.objects.map(({ key }) => parseRawKey(key)?.snapshotDate ?? '').sort();
  const ageDays = (Date.parse(on) - Date.parse(dates[0] ?? '')) / DAY_MS;
  const isFresh = ageDays < fullReadEveryWeeks * WEEK_DAYS;
  return isFresh && (rawRetentionDays === null || ageDays + WEEK_DAYS < rawRetentionDays);
}
