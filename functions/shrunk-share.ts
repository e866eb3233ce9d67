import { type Lake, readJson } from './adapters/lake.ts';
import {
  manifestKey,
  PUBLISHED_PREFIX,
  parsePublicationKey,
  publicationKey,
  type RunPlace,
} from './domain/lake-paths.ts';
import { ManifestSchema, PublicationSchema } from './domain/manifest.ts';

/**
 * How much the playlist lost that lost most since the last published date before, in percent of its entries then; 0 when
 * none lost any. Undefined when there is nothing to compare with: the first snapshot, or a manifest that has expired.
 */
export async function shrunkShare(lake: Lake, place: RunPlace): Promise<number | undefined> {
  const former = await formerRun(lake, place.snapshotDate);
  if (!former) return undefined;
  const [before, now] = await Promise.all([totalsOf(lake, former), totalsOf(lake, place)]);
  const lost = [...now].flatMap(([playlistId, total]) => {
    const had = before.get(playlistId) ?? 0;
    return had > 0 ? [(100 * (had - total)) / had] : [];
  });
  return lost.length > 0 ? Math.max(0, ...lost) : undefined;
}

async function formerRun(lake: Lake, snapshotDate: string): Promise<RunPlace | undefined> {
  const dates = (await lake.list(PUBLISHED_PREFIX)).flatMap(({ key }) => parsePublicationKey(key) ?? []);
  const date = dates.filter((one) => one < snapshotDate).at(-1);
  const publication = date && (await readJson(lake, publicationKey(date), PublicationSchema));
  return publication ? { snapshotDate: publication.snapshot_date, runId: publication.run_id } : undefined;
}

/** Of the playlists that were read in full. */
async function totalsOf(lake: Lake, run: RunPlace): Promise<Map<string, number>> {
  const manifest = await readJson(lake, manifestKey(run), ManifestSchema);
  const complete = (manifest?.playlists ?? []).filter(({ status }) => status === 'complete');
  return new Map(complete.map(({ playlist_id, total }) => [playlist_id, total ?? 0]));
}
