import { createLake, type Lake, type LakeObject, readJson, writeJson } from './adapters/lake.ts';
import { parsePublishPayload } from './domain/execution-input.ts';
import {
  PUBLISHED_PREFIX,
  parsePublicationKey,
  parseTableRun,
  partitionPrefix,
  publicationKey,
  type RunPlace,
  TABLES_PREFIX,
} from './domain/lake-paths.ts';
import { type Publication, PublicationSchema } from './domain/manifest.ts';
import { FORMER_TABLES, TABLE_NAMES } from './domain/tables.ts';
import { lambdaHandler } from './lambda-handler.ts';

export interface PublishResult {
  readonly publishedAt: string;
}

export interface PublishDeps {
  readonly lake: Lake;
  readonly now: () => Date;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

/**
 * A run that has written nothing for so long is over: the state machine lives three days at most (its TimeoutSeconds),
 * and a day is added for clocks and redrives.
 */
export const RUN_IS_OVER_AFTER_MS = 4 * 24 * 60 * 60 * 1000;

/**
 * The Lambda behind the state Publish: one object says which run of the date the readers' views show, so all tables
 * change over at once. Files of the run shown before are removed afterwards, never before, and with them what runs left
 * behind that failed, or were replaced just when a crash came.
 */
export const createPublish =
  (deps: PublishDeps) =>
  async (payload: unknown): Promise<PublishResult> => {
    const { snapshotDate, runId, status } = parsePublishPayload(payload);
    const key = publicationKey(snapshotDate);
    const former = await readJson(deps.lake, key, PublicationSchema);
    const publishedAt = deps.now().toISOString();
    const publication: Publication = {
      snapshot_date: snapshotDate,
      run_id: runId,
      published_at: publishedAt,
      status,
    };
    await writeJson(deps.lake, key, publication);
    if (former && former.run_id !== runId) await removeTables({ snapshotDate, runId: former.run_id }, deps);
    const swept = await sweepLeftovers(deps);
    deps.log('published', { snapshotDate, runId, replaced: former?.run_id ?? null, swept });
    return { publishedAt };
  };

async function removeTables(place: RunPlace, { lake }: PublishDeps) {
  for (const table of [...TABLE_NAMES, ...FORMER_TABLES]) {
    const objects = await lake.list(partitionPrefix(table, place));
    await lake.remove(objects.map(({ key }) => key));
  }
}

/** Removes the tables of runs that are over and that readers do not see; gives how many runs those were. */
async function sweepLeftovers(deps: PublishDeps): Promise<number> {
  const { lake, now } = deps;
  const runs = await runsByDate(lake);
  const published = await publishedDates(lake);
  const isOver = ({ newest }: Leftover): boolean => now().getTime() - newest > RUN_IS_OVER_AFTER_MS;
  let swept = 0;
  for (const [snapshotDate, ofDate] of runs) {
    // The one run of a published date is the published one: ten years of dates need not be read for that.
    if ((ofDate.length === 1 && published.has(snapshotDate)) || !ofDate.some(isOver)) continue;
    const shown = await readJson(lake, publicationKey(snapshotDate), PublicationSchema);
    for (const run of ofDate) {
      if (run.runId === shown?.run_id || !isOver(run)) continue;
      await lake.remove(run.keys);
      swept += 1;
    }
  }
  return swept;
}

interface Leftover {
  readonly runId: string;
  readonly keys: string[];
  /** When its last file was written, in milliseconds since 1970. */
  newest: number;
}

async function runsByDate(lake: Lake): Promise<Map<string, Leftover[]>> {
  const dates = new Map<string, Leftover[]>();
  for (const object of await lake.list(TABLES_PREFIX)) note(object, dates);
  return dates;
}

function note({ key, lastModified }: LakeObject, dates: Map<string, Leftover[]>): void {
  const place = parseTableRun(key);
  if (!place) return;
  const ofDate = dates.get(place.snapshotDate) ?? [];
  dates.set(place.snapshotDate, ofDate);
  let run = ofDate.find(({ runId }) => runId === place.runId);
  if (!run) {
    run = { runId: place.runId, keys: [], newest: 0 };
    ofDate.push(run);
  }
  run.keys.push(key);
  run.newest = Math.max(run.newest, lastModified.getTime());
}

async function publishedDates(lake: Lake): Promise<Set<string>> {
  const objects = await lake.list(PUBLISHED_PREFIX);
  return new Set(objects.flatMap(({ key }) => parsePublicationKey(key) ?? []));
}

export const handler = lambdaHandler('publish', ({ environment, telemetry }) => {
  const lake = createLake({ bucket: environment.LAKE_BUCKET });
  const publish = createPublish({ lake, now: () => new Date(), log: telemetry.log });
  return async (payload) => {
    const result = await publish(payload);
    telemetry.measure({ SnapshotsPublished: 1 });
    return result;
  };
});
