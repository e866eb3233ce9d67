import { createLake, type Lake, readJson } from './adapters/lake.ts';
import { setV8UpForShortRuns } from './adapters/v8-flags.ts';
import { ContractError, LakeStateError } from './domain/errors.ts';
import { parseRunPayload } from './domain/execution-input.ts';
import { type EntryPlace, flattenEntry } from './domain/flatten.ts';
import { manifestKey, partitionPrefix, partKey, type RunPlace } from './domain/lake-paths.ts';
import { ManifestSchema, type PlaylistRecord, type RawObject } from './domain/manifest.ts';
import { playlistRow, unopenedRow, unreadableRow } from './domain/playlist-row.ts';
import { createRawReader, type RawPage } from './domain/raw-page.ts';
import { createSnapshotTables, type SnapshotTables, type TableFile } from './domain/snapshot-tables.ts';
import { TABLE_NAMES, type TableName } from './domain/tables.ts';
import { lambdaHandler } from './lambda-handler.ts';

export interface TransformResult {
  /** When the last file was written, to the second below: a crawl that began later has seen them all. */
  readonly writtenAt: string;
  readonly rows: Record<TableName, number>;
  readonly rejected: number;
}

export interface TransformDeps {
  readonly lake: Lake;
  readonly now: () => Date;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

/**
 * Raw objects that are fetched while an earlier one is worked on: S3 takes about 30 ms for an object, and the work on a
 * page of 100 entries 5 ms.
 */
const READ_AHEAD = 8;

/** The Lambda behind the state Transform: writes the raw responses that the manifest names as Parquet. */
export const createTransform =
  (deps: TransformDeps) =>
  async (payload: unknown): Promise<TransformResult> => {
    const place = parseRunPayload(payload);
    const key = manifestKey(place);
    const manifest = await readJson(deps.lake, key, ManifestSchema);
    if (!manifest)
      throw new LakeStateError(`${key} is not there: Extract has not finished for this run. Run it again.`);

    const tables = createSnapshotTables();
    const parts = createParts(place, deps.lake);
    const quarantine = createQuarantine(deps);
    // The order decides which of two spellings stays, so it must not depend on the order that was asked for.
    const playlists = [...manifest.playlists].sort(byPlaylistId);
    for await (const { record, object, gzipped } of rawObjects(playlists, deps.lake)) {
      if (!object || !gzipped) {
        tables.addPlaylist(unreadableRow(record));
        continue;
      }
      const entryPlace = { playlistId: record.playlist_id, keepPersonalData: manifest.keep_personal_data };
      const page = quarantine.open(gzipped, object);
      if ('reason' in page) addUnopened(page.reason, record, object, tables);
      else addPage(page, record, object, entryPlace, tables);
      await parts.store(tables.take());
    }
    quarantine.assertSomethingIsGood();
    await parts.store(tables.finish());
    await parts.removeOthers();
    const rows = tables.rows();
    deps.log('tables written', { rows });
    return {
      writtenAt: `${deps.now().toISOString().slice(0, 19)}Z`,
      rows,
      rejected: rows.rejected_items,
    };
  };

const byPlaylistId = (a: PlaylistRecord, b: PlaylistRecord) => (a.playlist_id < b.playlist_id ? -1 : 1);

/** A raw object with its bytes; neither for a playlist that could not be read. */
interface Step {
  readonly record: PlaylistRecord;
  readonly object?: RawObject;
  readonly gzipped?: Uint8Array;
}

/** The raw objects in the order of playlists and offsets, a few of them fetched ahead. */
async function* rawObjects(playlists: readonly PlaylistRecord[], lake: Lake): AsyncGenerator<Step> {
  const steps = playlists.flatMap((record): Step[] => {
    if (record.status !== 'complete') return [{ record }];
    return [...record.objects].sort((a, b) => a.offset - b.offset).map((object) => ({ record, object }));
  });
  const fetched = new Map<number, Promise<Uint8Array>>();
  for (const [index, step] of steps.entries()) {
    for (let ahead = index; ahead < Math.min(index + READ_AHEAD, steps.length); ahead += 1) {
      const key = steps[ahead]?.object?.key;
      if (key !== undefined && !fetched.has(ahead)) fetched.set(ahead, fetchRaw(key, lake));
      // It is awaited in its turn, unless an earlier one fails first.
      fetched.get(ahead)?.catch(() => undefined);
    }
    const gzipped = await fetched.get(index);
    fetched.delete(index);
    yield gzipped ? { ...step, gzipped } : step;
  }
}

async function fetchRaw(key: string, lake: Lake): Promise<Uint8Array> {
  const gzipped = await lake.get(key);
  if (gzipped) return gzipped;
  throw new LakeStateError(`${key} is not there, though the manifest names it. Run Extract again.`);
}

function addPage(
  page: RawPage,
  record: PlaylistRecord,
  { offset }: RawObject,
  place: Omit<EntryPlace, 'position'>,
  tables: SnapshotTables,
): void {
  if (page.playlist) tables.addPlaylist(playlistRow(page.playlist, record.total ?? 0, place.keepPersonalData));
  for (const [index, entry] of page.entries.entries()) {
    const flat = flattenEntry(entry, { ...place, position: offset + index });
    // What is rejected is kept exactly as Spotify sent it.
    tables.addEntry(
      'rejected' in flat ? flattenEntry(page.whole(index), { ...place, position: offset + index }) : flat,
    );
  }
}

/** Every entry that the manifest counts in an object that cannot be opened is a rejected one. */
function addUnopened(reason: string, record: PlaylistRecord, object: RawObject, tables: SnapshotTables): void {
  if (object.offset === 0) tables.addPlaylist(unopenedRow(record));
  for (let index = 0; index < object.entries; index += 1) {
    tables.addEntry({
      rejected: {
        playlist_id: record.playlist_id,
        position: object.offset + index,
        reason,
        raw_json: JSON.stringify({ raw_object: object.key, index }),
      },
    });
  }
}

/** One bad object among good ones must not cost the whole snapshot; a run in which nothing is good has failed. */
function createQuarantine({ log }: TransformDeps) {
  const openRawPage = createRawReader();
  let good = 0;
  let first: ContractError | undefined;
  return {
    open(gzipped: Uint8Array, object: RawObject): RawPage | { reason: string } {
      try {
        const page = openRawPage(gzipped, object);
        good += 1;
        return page;
      } catch (error) {
        if (!(error instanceof ContractError)) throw error;
        first ??= error;
        log('raw object is quarantined', { key: object.key, entries: object.entries, why: error.message });
        return { reason: error.message };
      }
    },
    assertSomethingIsGood() {
      if (first && good === 0) throw first;
    },
  };
}

/** Stores the files of a run; what an earlier attempt left there and this one did not write again goes. */
function createParts(place: RunPlace, lake: Lake) {
  const written = new Set<string>();
  return {
    async store(files: Iterable<TableFile>) {
      for (const { table, part, bytes } of files) {
        const key = partKey({ ...place, table, part });
        await lake.put(key, bytes, 'application/vnd.apache.parquet');
        written.add(key);
      }
    },
    async removeOthers() {
      for (const table of TABLE_NAMES) {
        const found = await lake.list(partitionPrefix(table, place));
        const others = found.filter(({ key }) => !written.has(key));
        if (others.length > 0) await lake.remove(others.map(({ key }) => key));
      }
    },
  };
}

export const handler = lambdaHandler('transform', ({ environment, telemetry }) => {
  setV8UpForShortRuns();
  const lake = createLake({ bucket: environment.LAKE_BUCKET });
  const transform = createTransform({ lake, now: () => new Date(), log: telemetry.log });
  return async (payload) => {
    const result = await transform(payload);
    const entries = result.rows.playlist_items + result.rejected;
    telemetry.measure({
      RowsWritten: Object.values(result.rows).reduce((sum, rows) => sum + rows, 0),
      RejectedEntries: result.rejected,
      RejectedShare: entries === 0 ? 0 : (100 * result.rejected) / entries,
    });
    return result;
  };
});
