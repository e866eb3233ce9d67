import { FORMER_TABLES, type FormerTable, TABLE_NAMES, type TableName } from './tables.ts';

/**
 * Builds and parses every key of the lake; nothing else concatenates one. Keys are relative to the bucket.
 *
 * ```
 * raw/snapshot_date=2026-11-23/run_id=RUN/playlist_id=ID/read-1-offset-000100.json.gz   a response as received
 * raw/snapshot_date=2026-11-23/run_id=RUN/playlist_id=ID/progress.json                 how far its reading is
 * raw/snapshot_date=2026-11-23/run_id=RUN/my-playlists.json                             the user's list, with versions
 * raw/snapshot_date=2026-11-23/run_id=RUN/tally.json                                    calls and waits so far
 * raw/snapshot_date=2026-11-23/run_id=RUN/manifest.json                                 what was asked, what came
 * transformed/TABLE/snapshot_date=2026-11-23/run_id=RUN/part-00000.parquet
 * published/snapshot_date=2026-11-23.json                                               which run readers see
 * rebuild/run_id=RUN/dates.json                                                         what a rebuild makes again
 * rebuild/run_id=RUN/written.json                                                       what it may then publish
 * rebuild/run_id=RUN/MAP/UUID/SUCCEEDED_0.json                                          what Step Functions says of it
 * ```
 */

export interface RunPlace {
  /** YYYY-MM-DD */
  readonly snapshotDate: string;
  /** Name of the Step Functions execution: 1 to 80 letters, digits, `-` and `_`. */
  readonly runId: string;
}

export interface RawPlace extends RunPlace {
  readonly playlistId: string;
  /** 1 for the first reading; one more each time the playlist was edited while it was read. */
  readonly read: number;
  /** Entries before this response. The playlist object itself, with its embedded first page, is offset 0. */
  readonly offset: number;
}

export interface PartPlace extends RunPlace {
  readonly table: TableName;
  readonly part: number;
}

export const RUN_ID_PATTERN = /^[A-Za-z0-9_-]{1,80}$/;

const digits = (value: number, width: number): string => String(value).padStart(width, '0');

export const RAW_PREFIX = 'raw/';

/** The dates that a rebuild makes again; the rebuild machine reads it. */
export const rebuildPlanKey = (runId: string): string => `rebuild/run_id=${runId}/dates.json`;
/** The dates that are written whole, for its second Distributed Map. */
export const rebuildWrittenKey = (runId: string): string => `rebuild/run_id=${runId}/written.json`;
/** Below it Step Functions writes the results of a Distributed Map, by the ASL's ResultWriter. */
export const rebuildResultsPrefix = (runId: string, map: 'transform' | 'publish'): string =>
  `rebuild/run_id=${runId}/${map}/`;

export const rawDatePrefix = (snapshotDate: string): string => `raw/snapshot_date=${snapshotDate}/`;

export const runPrefix = ({ snapshotDate, runId }: RunPlace): string =>
  `${rawDatePrefix(snapshotDate)}run_id=${runId}/`;

export const manifestKey = (place: RunPlace): string => `${runPrefix(place)}manifest.json`;

export const progressKey = (place: RunPlace, playlistId: string): string =>
  `${runPrefix(place)}playlist_id=${playlistId}/progress.json`;

/** What the user's own list of playlists said, as far as this run has read it. */
export const myPlaylistsKey = (place: RunPlace): string => `${runPrefix(place)}my-playlists.json`;

/** Where the counters of calls and waits stand between two calls of Extract in one run. */
export const tallyKey = (place: RunPlace): string => `${runPrefix(place)}tally.json`;

export const rawKey = (place: RawPlace): string =>
  `${runPrefix(place)}playlist_id=${place.playlistId}/read-${place.read}-offset-${digits(place.offset, 6)}.json.gz`;

export const TABLES_PREFIX = 'transformed/';

export const partitionPrefix = (table: TableName | FormerTable, { snapshotDate, runId }: RunPlace): string =>
  `${TABLES_PREFIX}${table}/snapshot_date=${snapshotDate}/run_id=${runId}/`;

export const partKey = (place: PartPlace): string =>
  `${partitionPrefix(place.table, place)}part-${digits(place.part, 5)}.parquet`;

export const PUBLISHED_PREFIX = 'published/';
export const publicationKey = (snapshotDate: string): string => `${PUBLISHED_PREFIX}snapshot_date=${snapshotDate}.json`;

const RUN = 'snapshot_date=(\\d{4}-\\d{2}-\\d{2})/run_id=([A-Za-z0-9_-]{1,80})';
const MANIFEST = new RegExp(`^raw/${RUN}/manifest\\.json$`);
const RAW = new RegExp(`^raw/${RUN}/playlist_id=([A-Za-z0-9]+)/read-(\\d+)-offset-(\\d+)\\.json\\.gz$`);
const TALLY = new RegExp(`^raw/${RUN}/tally.json$`);
const PUBLICATION = /^published\/snapshot_date=(\d{4}-\d{2}-\d{2})\.json$/;
const PART = new RegExp(`^transformed/([a-z_]+)/${RUN}/part-(\\d+)\\.parquet$`);

/** The run a manifest key stands for; undefined for any other key. */
export function parseManifestKey(key: string): RunPlace | undefined {
  const [, snapshotDate, runId] = MANIFEST.exec(key) ?? [];
  return snapshotDate && runId ? { snapshotDate, runId } : undefined;
}

/** Where a raw key stands; undefined for any other key. */
export function parseRawKey(key: string): RawPlace | undefined {
  const [, snapshotDate, runId, playlistId, read, offset] = RAW.exec(key) ?? [];
  if (!snapshotDate || !runId || !playlistId) return undefined;
  return { snapshotDate, runId, playlistId, read: Number(read), offset: Number(offset) };
}

/** The run a tally key stands for: every run that has begun; undefined for any other key. */
export function parseTallyKey(key: string): RunPlace | undefined {
  const [, snapshotDate, runId] = TALLY.exec(key) ?? [];
  return snapshotDate && runId ? { snapshotDate, runId } : undefined;
}

/** The date that a publication's key stands for; undefined for any other key. */
export const parsePublicationKey = (key: string): string | undefined => PUBLICATION.exec(key)?.[1];

/** Where a Parquet key stands; undefined for any other key or an unknown table. */
export function parsePartKey(key: string): PartPlace | undefined {
  const [, name, snapshotDate, runId, part] = PART.exec(key) ?? [];
  const table = TABLE_NAMES.find((known) => known === name);
  if (!table || !snapshotDate || !runId) return undefined;
  return { table, snapshotDate, runId, part: Number(part) };
}

/** The run that a table's file belongs to, of a former table too; undefined for any other key. */
export function parseTableRun(key: string): RunPlace | undefined {
  const [, name = '', snapshotDate, runId] = PART.exec(key) ?? [];
  const isTable = [...TABLE_NAMES, ...FORMER_TABLES].some((known) => known === name);
  return isTable && snapshotDate && runId ? { snapshotDate, runId } : undefined;
}

/** The snapshot date in any key of the lake; undefined when there is none. */
export const parseSnapshotDate = (key: string): string | undefined =>
  /\/snapshot_date=(\d{4}-\d{2}-\d{2})/.exec(key)?.[1];
