import { createLake, type Lake, readJson, writeJson } from './adapters/lake.ts';
import { parsePublishPayload } from './domain/execution-input.ts';
import { partitionPrefix, publicationKey } from './domain/lake-paths.ts';
import { type Publication, PublicationSchema } from './domain/manifest.ts';
import { TABLE_NAMES } from './domain/tables.ts';
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
 * The Lambda behind the state Publish: one object says which run of the date the readers' views show, so all tables
 * change over at once. Files of the run shown before are removed afterwards, never before.
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
    deps.log('published', { snapshotDate, runId, replaced: former?.run_id ?? null });
    return { publishedAt };
  };

async function removeTables(place: { snapshotDate: string; runId: string }, { lake }: PublishDeps) {
  for (const table of TABLE_NAMES) {
    const objects = await lake.list(partitionPrefix(table, place));
    await lake.remove(objects.map(({ key }) => key));
  }
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
