import { type Lake, readJson } from './adapters/lake.ts';
import {
  PUBLISHED_PREFIX,
  parseManifestKey,
  parsePartKey,
  parsePublicationKey,
  parseSnapshotDate,
  RAW_PREFIX,
  type RunPlace,
  runPrefix,
  tablePrefix,
} from './domain/lake-paths.ts';
import { type Manifest, ManifestSchema, PublicationSchema } from './domain/manifest.ts';
import { TABLE_NAMES } from './domain/tables.ts';

/** What is to go: everything of a playlist, or every snapshot of a date before this one. */
export type PurgeTarget = { readonly playlistId: string } | { readonly before: string };

export interface PurgePlan {
  /** Objects that are removed whole. */
  readonly keys: readonly string[];
  /** Manifests as they are without the playlist; null where nothing is left of the run. */
  readonly manifests: readonly { readonly place: RunPlace; readonly manifest: Manifest | null }[];
  /** Published runs whose tables have to be made again without the playlist, or go with it. */
  readonly republish: readonly { readonly place: RunPlace; readonly isEmpty: boolean }[];
}

/** Looks at the lake and says what a purge would do. Changes nothing. */
export async function planPurge(lake: Lake, target: PurgeTarget): Promise<PurgePlan> {
  const raw = (await lake.list(RAW_PREFIX)).map(({ key }) => key);
  const tables = (await Promise.all(TABLE_NAMES.map((table) => lake.list(tablePrefix(table))))).flat();
  const published = (await lake.list(PUBLISHED_PREFIX)).map(({ key }) => key);
  const keys = [...raw, ...tables.map(({ key }) => key), ...published];
  if ('before' in target) {
    const isOld = (key: string) => (parseSnapshotDate(key) ?? target.before) < target.before;
    // The pointer goes first: readers never see a snapshot of which half has gone.
    const old = keys.filter(isOld).sort((a, b) => Number(!parsePublicationKey(a)) - Number(!parsePublicationKey(b)));
    return { keys: old, manifests: [], republish: [] };
  }
  return planForPlaylist(
    lake,
    target.playlistId,
    raw,
    tables.map(({ key }) => key),
    published,
  );
}

async function planForPlaylist(
  lake: Lake,
  playlistId: string,
  raw: readonly string[],
  tables: readonly string[],
  published: readonly string[],
): Promise<PurgePlan> {
  const manifests: { place: RunPlace; manifest: Manifest | null }[] = [];
  for (const place of raw.flatMap((key) => parseManifestKey(key) ?? [])) {
    const manifest = await readJson(lake, `${runPrefix(place)}manifest.json`, ManifestSchema);
    if (!manifest?.playlists.some((record) => record.playlist_id === playlistId)) continue;
    const playlists = manifest.playlists.filter((record) => record.playlist_id !== playlistId);
    manifests.push({ place, manifest: playlists.length > 0 ? { ...manifest, playlists } : null });
  }
  const held = (place: RunPlace) =>
    manifests.find((one) => one.place.runId === place.runId && one.place.snapshotDate === place.snapshotDate);
  const republish: { place: RunPlace; isEmpty: boolean }[] = [];
  for (const key of published) {
    const publication = await readJson(lake, key, PublicationSchema);
    if (!publication) continue;
    const place = { snapshotDate: publication.snapshot_date, runId: publication.run_id };
    const found = held(place);
    if (found) republish.push({ place, isEmpty: found.manifest === null });
  }
  const isShown = (place: RunPlace) => republish.some((one) => one.place.runId === place.runId);
  // Tables of runs that nobody sees go whole; those of published runs are made again.
  const unseen = tables.filter((key) => {
    const place = parsePartKey(key);
    return place !== undefined && held(place) !== undefined && !isShown(place);
  });
  const own = raw.filter((key) => key.includes(`/playlist_id=${playlistId}/`));
  return { keys: [...own, ...unseen], manifests, republish };
}
