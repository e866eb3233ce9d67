import * as z from 'zod';
import type { Lake } from './adapters/lake.ts';
import { type Folders, foldersOf } from './adapters/lake-folders.ts';
import { type DateRange, isCalendarDate } from './domain/dates.ts';
import { parseManifestKey, parseSnapshotDate, RAW_PREFIX } from './domain/lake-paths.ts';

const date = z.string().refine(isCalendarDate, 'is not a date of the calendar in the form YYYY-MM-DD');

/** Both days are within; all dates when they are not given. */
export const RangeSchema = z.strictObject({ from: date.optional(), to: date.optional() });
export const DateListSchema = z.array(date).min(1);

/**
 * The dates within the range of which raw/ holds a run that was read to its end; oldest first. It looks at folders and
 * manifests only: ten years of ten thousand playlists are millions of objects, and some thousand calls.
 */
export async function datesInRaw(
  lake: Pick<Lake, 'list'>,
  { from = '', to = '9999-12-31' }: DateRange,
  folders: Folders = foldersOf(lake),
): Promise<string[]> {
  const dates: string[] = [];
  for (const folder of await folders(RAW_PREFIX)) {
    const snapshotDate = parseSnapshotDate(folder);
    if (!snapshotDate || snapshotDate < from || snapshotDate > to) continue;
    if (await hasFinishedRun(lake, await folders(folder))) dates.push(snapshotDate);
  }
  return dates.sort();
}

async function hasFinishedRun(lake: Pick<Lake, 'list'>, runs: readonly string[]): Promise<boolean> {
  for (const run of runs) {
    const [found] = await lake.list(`${run}manifest.json`);
    if (found && parseManifestKey(found.key)) return true;
  }
  return false;
}
