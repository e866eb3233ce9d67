import * as z from 'zod';
import type { Lake } from './adapters/lake.ts';
import { isCalendarDate } from './domain/dates.ts';
import { parseManifestKey, RAW_PREFIX } from './domain/lake-paths.ts';

const date = z.string().refine(isCalendarDate, 'is not a date of the calendar in the form YYYY-MM-DD');

/** Both days are within; all dates when they are not given. */
export const RangeSchema = z.strictObject({ from: date.optional(), to: date.optional() });
export const DateListSchema = z.array(date).min(1);

export interface DateRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The dates within the range of which raw/ holds a run that was read to its end; oldest first. */
export async function datesInRaw(lake: Lake, { from = '', to = '9999-12-31' }: DateRange): Promise<string[]> {
  const objects = await lake.list(RAW_PREFIX);
  const dates = new Set(objects.flatMap(({ key }) => parseManifestKey(key)?.snapshotDate ?? []));
  return [...dates].filter((snapshotDate) => from <= snapshotDate && snapshotDate <= to).sort();
}
