import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { parsePartKey, partitionPrefix } from '../../../functions/domain/lake-paths.ts';
import { TABLE_NAMES, type TableName } from '../../../functions/domain/tables.ts';

/**
 * The local stand-in for the Data Catalog: one empty file a partition, so that crawls of several executions at once add
 * to it without one undoing another.
 */
const CATALOG = 'catalog';

/** A folder `transformed/TABLE/snapshot_date=…/run_id=…` that a crawl has found. */
export interface Partition {
  readonly table: TableName;
  readonly snapshot_date: string;
  readonly run_id: string;
}

const isMissing = (error: unknown): boolean => Error.isError(error) && 'code' in error && error.code === 'ENOENT';

/** How often a listing begins again because another execution removed a folder under it. */
const LISTINGS = 20;

/**
 * The lake's keys of all files under a folder, sorted; none when the folder is not there. It blocks, as a query has
 * nothing else to do: hundreds of small folders are read five times as fast as one after the other.
 */
export function listKeys(lakeDir: string, folder: string, listings = LISTINGS): string[] {
  try {
    const entries = readdirSync(join(lakeDir, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(lakeDir, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (!existsSync(join(lakeDir, folder))) return [];
    // A folder inside it has gone meanwhile: to answer "nothing" would hide all the others.
    if (listings <= 1) throw error;
    return listKeys(lakeDir, folder, listings - 1);
  }
}

/** Every partition that holds at least one Parquet file of a known table, in the order of its path. */
export function findPartitions(lakeDir: string): Partition[] {
  const found = new Map<string, Partition>();
  for (const key of listKeys(lakeDir, 'transformed')) {
    const place = parsePartKey(key);
    if (!place) continue;
    found.set(dirname(key), { table: place.table, snapshot_date: place.snapshotDate, run_id: place.runId });
  }
  return [...found.values()];
}

const folderOf = ({ table, snapshot_date, run_id }: Partition): string =>
  partitionPrefix(table, { snapshotDate: snapshot_date, runId: run_id });

const catalogKey = (partition: Partition): string =>
  `${CATALOG}/${folderOf(partition).replace(/^transformed\/|\/$/g, '')}`;

const CATALOG_KEY = /^catalog\/([a-z_]+)\/snapshot_date=([^/]+)\/run_id=([^/]+)$/;

/**
 * Adds partitions to the registered ones, and forgets those whose folder is gone. A folder is looked for only now, so a
 * crawl that listed too early to see another run's files does not undo that run's own.
 */
export async function registerPartitions(lakeDir: string, partitions: readonly Partition[]): Promise<void> {
  for (const partition of partitions) {
    const path = join(lakeDir, catalogKey(partition));
    if (existsSync(path)) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  }
  for (const partition of readPartitions(lakeDir)) {
    if (!existsSync(join(lakeDir, folderOf(partition))))
      await rm(join(lakeDir, catalogKey(partition)), { force: true });
  }
}

/** The partitions that crawls have registered, in the order of their paths; none before the first crawl. */
export function readPartitions(lakeDir: string): Partition[] {
  return listKeys(lakeDir, CATALOG).flatMap((key) => {
    const [, name, snapshot_date, run_id] = CATALOG_KEY.exec(key) ?? [];
    const table = TABLE_NAMES.find((known) => known === name);
    return table && snapshot_date && run_id ? [{ table, snapshot_date, run_id }] : [];
  });
}
