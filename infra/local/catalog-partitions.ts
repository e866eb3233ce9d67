import { readdirSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import * as z from 'zod';
import { LakeStateError } from '../../functions/domain/errors.ts';
import { parsePartKey } from '../../functions/domain/lake-paths.ts';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';

/** The partitions that SQL may see, as the last crawl found them: the local stand-in for the Data Catalog. */
const CATALOG_KEY = 'catalog/partitions.json';

const partitionSchema = z.object({
  table: z.enum(TABLE_NAMES),
  snapshot_date: z.string(),
  run_id: z.string(),
});

/** A folder `transformed/TABLE/snapshot_date=…/run_id=…` that a crawl has found. */
export type Partition = z.infer<typeof partitionSchema>;

const isMissing = (error: unknown): boolean => Error.isError(error) && 'code' in error && error.code === 'ENOENT';

/**
 * The lake's keys of all files under a folder, sorted; none when the folder is not there. It blocks, as a query has
 * nothing else to do: hundreds of small folders are read five times as fast as one after the other.
 */
export function listKeys(lakeDir: string, folder: string): string[] {
  try {
    const entries = readdirSync(join(lakeDir, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(lakeDir, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Every partition that holds at least one Parquet file of a known table, in the order of its path. */
export async function findPartitions(lakeDir: string): Promise<Partition[]> {
  const found = new Map<string, Partition>();
  for (const key of listKeys(lakeDir, 'transformed')) {
    const place = parsePartKey(key);
    if (!place) continue;
    found.set(dirname(key), { table: place.table, snapshot_date: place.snapshotDate, run_id: place.runId });
  }
  return [...found.values()];
}

/** Replaces the registered partitions in one step: a reader sees the old list or the new one. */
export async function registerPartitions(lakeDir: string, partitions: Partition[]): Promise<void> {
  const path = join(lakeDir, CATALOG_KEY);
  const unfinished = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(unfinished, `${JSON.stringify({ partitions }, null, 2)}\n`);
  await rename(unfinished, path);
}

/**
 * The partitions of the last successful crawl; none before the first one.
 *
 * @throws LakeStateError when the file is not what a crawl writes.
 */
export async function readPartitions(lakeDir: string): Promise<Partition[]> {
  const path = join(lakeDir, CATALOG_KEY);
  try {
    return z.object({ partitions: z.array(partitionSchema) }).parse(JSON.parse(await readFile(path, 'utf8')))
      .partitions;
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw new LakeStateError(
      `${path} is not a list of partitions. Delete it and run npm start to have it made again.`,
      {
        cause,
      },
    );
  }
}
