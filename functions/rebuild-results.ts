import * as z from 'zod';
import { type Lake, readJson } from './adapters/lake.ts';
import { publicationKey, rebuildPlanKey, rebuildResultsPrefix } from './domain/lake-paths.ts';
import { PublicationSchema } from './domain/manifest.ts';

/** What the rebuild machine's Distributed Maps leave in S3, and what they have changed. */

const failed = z.object({ snapshotDate: z.string(), failure: z.object({ Error: z.string(), Cause: z.string() }) });
const written = z.object({
  snapshotDate: z.string(),
  status: z.enum(['complete', 'partial']),
  validationParameters: z.array(z.string()),
  writtenAt: z.string(),
});
const published = z.object({ snapshotDate: z.string(), publishedAt: z.string() });
const DateResultSchema = z.union([failed, written, published]);
type DateResult = z.output<typeof DateResultSchema>;

/** Of each child execution; its Output is JSON as a text. Source: Step Functions developer guide, "ResultWriter (Map)". */
const ResultFileSchema = z.array(z.object({ Output: z.string() }));
const DatesSchema = z.array(z.object({ snapshotDate: z.string() }));

/** What each date came to in the children that ended well. A child that broke down has none: its dates are not here. */
export async function mapResults(lake: Lake, runId: string, map: 'transform' | 'publish'): Promise<DateResult[]> {
  const objects = await lake.list(rebuildResultsPrefix(runId, map));
  const files = objects.filter(({ key }) => /\/SUCCEEDED_\d+\.json$/.test(key));
  const results: DateResult[] = [];
  for (const { key } of files) {
    for (const { Output } of (await readJson(lake, key, ResultFileSchema)) ?? []) {
      results.push(...z.array(DateResultSchema).parse(JSON.parse(Output)));
    }
  }
  return results;
}

/** The dates that were asked for and of which readers do not see this run, each with the reason as far as it is known. */
export async function notPublished(lake: Lake, runId: string) {
  const asked = (await readJson(lake, rebuildPlanKey(runId), DatesSchema)) ?? [];
  const results = [...(await mapResults(lake, runId, 'transform')), ...(await mapResults(lake, runId, 'publish'))];
  const left: { snapshotDate: string; why: string }[] = [];
  for (const { snapshotDate } of asked) {
    const shown = await readJson(lake, publicationKey(snapshotDate), PublicationSchema);
    if (shown?.run_id === runId) continue;
    const failure = results.flatMap((one) =>
      'failure' in one && one.snapshotDate === snapshotDate ? one.failure : [],
    );
    left.push({ snapshotDate, why: reason(failure.at(-1)) });
  }
  return { asked: asked.length, left };
}

const LONGEST_REASON = 200;

function reason(failure: { Error: string; Cause: string } | undefined): string {
  if (!failure) return 'its batch ended early: see the map run';
  const cause = messageOf(failure.Cause).replace(/\s+/g, ' ').slice(0, LONGEST_REASON);
  return cause ? `${failure.Error}: ${cause}` : failure.Error;
}

/** A function's cause is JSON with a stack trace; any other is words. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
