import * as z from 'zod';
import { createLake, type Lake, writeJson } from './adapters/lake.ts';
import { createFolders, type Folders, foldersOf } from './adapters/lake-folders.ts';
import { rangeProblem } from './domain/dates.ts';
import { InvalidInputError } from './domain/errors.ts';
import { RUN_ID_PATTERN, rebuildPlanKey, rebuildWrittenKey } from './domain/lake-paths.ts';
import { firstIssue } from './domain/spotify-schemas.ts';
import { lambdaHandler } from './lambda-handler.ts';
import { DateListSchema, datesInRaw, RangeSchema } from './rebuild-plan.ts';
import { mapResults, notPublished } from './rebuild-results.ts';

const runId = z.string().regex(RUN_ID_PATTERN, 'is not the name of an execution');
const RangeInputSchema = RangeSchema.extend({ dates: DateListSchema.optional() });

const PayloadSchema = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('plan'), runId, input: RangeInputSchema }),
  z.strictObject({ step: z.literal('review'), runId }),
  z.strictObject({ step: z.literal('conclude'), runId }),
]);

export type RebuildResult =
  | { readonly key: string; readonly isEmpty: boolean }
  | { readonly key: string; readonly isEmpty: boolean; readonly writtenAt: string | null }
  | { readonly isComplete: boolean; readonly cause: string };

/**
 * The Lambda behind Plan, Review and Conclude of the rebuild machine: what the Distributed Maps read, and what came of
 * them. It reads and writes lists of dates only. Throws InvalidInputError that names the field.
 */
export const createRebuild =
  ({ lake, folders = foldersOf(lake) }: { readonly lake: Lake; readonly folders?: Folders }) =>
  async (payload: unknown): Promise<RebuildResult> => {
    const parsed = PayloadSchema.safeParse(payload);
    if (!parsed.success) throw new InvalidInputError(firstIssue(parsed.error));
    const { data } = parsed;
    if (data.step === 'plan') return plan(data.runId, data.input, lake, folders);
    return data.step === 'review' ? review(data.runId, lake) : conclude(data.runId, lake);
  };

async function plan(run: string, input: z.output<typeof RangeInputSchema>, lake: Lake, folders: Folders) {
  const { dates: wanted, ...range } = input;
  if (wanted && (range.from ?? range.to)) throw new InvalidInputError('input: dates excludes from and to');
  const problem = rangeProblem(range, 'input.');
  if (problem) throw new InvalidInputError(problem);
  const dates = await datesInRaw(lake, range, folders);
  const missing = wanted?.find((date) => !dates.includes(date));
  if (missing) throw new InvalidInputError(`input.dates: raw holds no finished run of ${missing}`);
  const items = [...new Set(wanted ?? dates)].sort().map((snapshotDate) => ({ snapshotDate }));
  const key = rebuildPlanKey(run);
  await writeJson(lake, key, items);
  return { key, isEmpty: items.length === 0 };
}

/** Only what was written whole goes on: half a transform may look like a whole one to the checks. */
async function review(run: string, lake: Lake) {
  const written = (await mapResults(lake, run, 'transform')).filter((result) => 'writtenAt' in result);
  const key = rebuildWrittenKey(run);
  await writeJson(
    lake,
    key,
    written.map(({ writtenAt: _, ...item }) => item),
  );
  const [newest = null] = written.map(({ writtenAt }) => writtenAt).sort((a, b) => (a < b ? 1 : -1));
  return { key, isEmpty: written.length === 0, writtenAt: newest };
}

async function conclude(run: string, lake: Lake) {
  const { asked, left } = await notPublished(lake, run);
  const named = left.slice(0, 10).map(({ snapshotDate, why }) => `${snapshotDate} (${why})`);
  const more = left.length > named.length ? ` and ${left.length - named.length} more` : '';
  const cause = `${left.length} of ${asked} dates keep the snapshot they had: ${named.join('; ')}${more}`;
  return { isComplete: left.length === 0, cause: left.length === 0 ? '' : cause };
}

export const handler = lambdaHandler('rebuild', ({ environment }) =>
  createRebuild({
    lake: createLake({ bucket: environment.LAKE_BUCKET }),
    folders: createFolders({ bucket: environment.LAKE_BUCKET }),
  }),
);
