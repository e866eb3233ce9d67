import * as z from 'zod';
import { type Lake, writeJson } from './adapters/lake.ts';
import { isCalendarDate } from './domain/dates.ts';
import { InvalidInputError } from './domain/errors.ts';
import { parseManifestKey, RAW_PREFIX, RUN_ID_PATTERN, rebuildPlanKey } from './domain/lake-paths.ts';
import { firstIssue } from './domain/spotify-schemas.ts';

const date = z.string().refine(isCalendarDate, 'is not a date of the calendar in the form YYYY-MM-DD');

const PayloadSchema = z.strictObject({
  runId: z.string().regex(RUN_ID_PATTERN, 'is not the name of an execution'),
  /** Both days are within; all dates when they are not given. */
  input: z.strictObject({ from: date.optional(), to: date.optional() }),
});

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

/**
 * The Lambda behind the state Plan of the rebuild machine: writes the dates that are to be made again as the list that
 * the Distributed Map reads. Throws InvalidInputError that names the field.
 */
export const createRebuildPlan =
  ({ lake }: { readonly lake: Lake }) =>
  async (payload: unknown): Promise<{ key: string; dates: number }> => {
    const parsed = PayloadSchema.safeParse(payload);
    if (!parsed.success) throw new InvalidInputError(firstIssue(parsed.error));
    const { runId, input } = parsed.data;
    const dates = await datesInRaw(lake, input);
    const key = rebuildPlanKey(runId);
    await writeJson(
      lake,
      key,
      dates.map((snapshotDate) => ({ snapshotDate })),
    );
    return { key, dates: dates.length };
  };
