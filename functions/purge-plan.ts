import { type Lake, readJson } from './adapters/lake.ts';
import {
  manifestKey,
  PUBLISHED_PREFIX,
  parseManifestKey,
  parsePublicationKey,
  parseSnapshotDate,
  parseTableRun,
  publicationKey,
  RAW_PREFIX,
  type RunPlace,
  TABLES_PREFIX,
} from './domain/lake-paths.ts';
import { type Manifest, ManifestSchema, PublicationSchema } from './domain/manifest.ts';

/** What is to go: everything of a playlist, or every snapshot of a date before this one. */
export type PurgeTarget = { readonly playlistId: string } | { readonly before: string };

export interface PurgePlan {
  /** What publishes a date that goes whole. It goes first, so that readers never see half a snapshot. */
  readonly pointers: readonly string[];
  /** Other objects that are removed. */
  readonly keys: readonly string[];
  /** Manifests as they are without the playlist; null where nothing is left of the run. */
  readonly manifests: readonly { readonly place: RunPlace; readonly manifest: Manifest | null }[];
  /** Dates whose tables have to be made again without the playlist. */
  readonly rebuild: readonly string[];
  /** Dates that go whole, and why. */
  readonly whole: readonly { readonly snapshotDate: string; readonly why: 'nothing else' | 'raw gone' }[];
}

/** What the tables of a run say of a playlist; raw/ may have expired long before them. */
export interface HeldInTables {
  readonly place: RunPlace;
  /** Whether another playlist is in them. */
  readonly others: boolean;
}
export type FindInTables = (playlistId: string, partKeys: readonly string[]) => Promise<readonly HeldInTables[]>;

/** Looks at the lake and says what a purge would do. Changes nothing. */
export async function planPurge(lake: Lake, target: PurgeTarget, findInTables: FindInTables): Promise<PurgePlan> {
  const keysBelow = async (prefix: string) => (await lake.list(prefix)).map(({ key }) => key);
  const raw = await keysBelow(RAW_PREFIX);
  const tables = (await keysBelow(TABLES_PREFIX)).filter(parseTableRun);
  const published = await keysBelow(PUBLISHED_PREFIX);
  if ('playlistId' in target) {
    const held = await findInTables(target.playlistId, tables);
    return planForPlaylist(lake, target.playlistId, { raw, tables, published, held });
  }
  const isOld = (key: string) => (parseSnapshotDate(key) ?? target.before) < target.before;
  return {
    pointers: published.filter(isOld),
    keys: [...raw, ...tables].filter(isOld),
    manifests: [],
    rebuild: [],
    whole: [],
  };
}

interface Found {
  readonly raw: readonly string[];
  readonly tables: readonly string[];
  readonly published: readonly string[];
  readonly held: readonly HeldInTables[];
}

const isSame = (a: RunPlace, b: RunPlace) => a.runId === b.runId && a.snapshotDate === b.snapshotDate;

/**
 * Its raw objects and its place in the manifests go. Tables that nobody sees go whole. Published ones that hold it are
 * made again from raw, or go whole where raw no longer has all that they were made of.
 */
async function planForPlaylist(lake: Lake, playlistId: string, found: Found): Promise<PurgePlan> {
  const { raw, tables, published, held } = found;
  const { changed, rebuildable } = await planManifests(lake, playlistId, raw);
  const rebuild: string[] = [];
  const whole: { snapshotDate: string; why: 'nothing else' | 'raw gone' }[] = [];
  const shown: RunPlace[] = [];
  for (const key of published.filter(parsePublicationKey)) {
    const publication = await readJson(lake, key, PublicationSchema);
    if (!publication) continue;
    const { snapshot_date: snapshotDate, run_id: runId } = publication;
    shown.push({ snapshotDate, runId });
    const inTables = held.find(({ place }) => isSame(place, { snapshotDate, runId }));
    if (!inTables) continue;
    if (!inTables.others) whole.push({ snapshotDate, why: 'nothing else' });
    else if (rebuildable.has(snapshotDate)) rebuild.push(snapshotDate);
    else whole.push({ snapshotDate, why: 'raw gone' });
  }
  const goes = new Set(whole.map(({ snapshotDate }) => snapshotDate));
  const isUnseen = (place: RunPlace) => !shown.some((one) => isSame(one, place));
  const touched = [...changed.map(({ place }) => place), ...held.map(({ place }) => place)].filter(isUnseen);
  const goesWithThem = tables.filter((key) => {
    const place = parseTableRun(key);
    return place && (goes.has(place.snapshotDate) || touched.some((one) => isSame(one, place)));
  });
  const own = raw.filter((key) => key.includes(`/playlist_id=${playlistId}/`));
  const lists = await listsThatNameIt(lake, playlistId, raw);
  const keys = [...own, ...lists, ...goesWithThem];
  return { pointers: [...goes].map(publicationKey), keys, manifests: changed, rebuild, whole };
}

/** Manifests without the playlist, and the dates whose published run can be made again from raw/ without it. */
async function planManifests(lake: Lake, playlistId: string, raw: readonly string[]) {
  const changed: { place: RunPlace; manifest: Manifest | null }[] = [];
  const stored = new Set(raw);
  const rebuildable = new Set<string>();
  for (const place of raw.flatMap((key) => parseManifestKey(key) ?? [])) {
    const manifest = await readJson(lake, manifestKey(place), ManifestSchema);
    if (!manifest) continue;
    const playlists = manifest.playlists.filter((record) => record.playlist_id !== playlistId);
    if (playlists.length < manifest.playlists.length) {
      changed.push({ place, manifest: playlists.length > 0 ? { ...manifest, playlists } : null });
    }
    const isWhole = playlists.every(({ objects }) => objects.every(({ key }) => stored.has(key)));
    if (playlists.length > 0 && isWhole) rebuildable.add(place.snapshotDate);
  }
  return { changed, rebuildable };
}

/** The user's own list of playlists, kept so that a run that is cut off need not ask again. */
async function listsThatNameIt(lake: Lake, playlistId: string, raw: readonly string[]): Promise<string[]> {
  const named: string[] = [];
  for (const key of raw.filter((one) => one.endsWith('/my-playlists.json'))) {
    if (Buffer.from((await lake.get(key)) ?? []).includes(`"${playlistId}"`)) named.push(key);
  }
  return named;
}
