import { createLake, type Lake, readJson, writeJson } from './adapters/lake.ts';
import { InvalidInputError } from './domain/errors.ts';
import { type PreparePayload, parsePreparePayload } from './domain/execution-input.ts';
import { manifestKey, parseManifestKey, publicationKey, type RunPlace, rawDatePrefix } from './domain/lake-paths.ts';
import { type Manifest, ManifestSchema, PublicationSchema } from './domain/manifest.ts';
import {
  DEFAULT_LIMITS,
  type ValidationLimits,
  ValidationLimitsSchema,
  validationParameters,
} from './domain/validation-parameters.ts';
import { lambdaHandler } from './lambda-handler.ts';

export interface PrepareResult {
  readonly mode: PreparePayload['mode'];
  readonly snapshotDate: string;
  readonly playlistIds: readonly string[] | null;
  /** The validation query's parameters, as SQL literals: for the run to come, or the published one. */
  readonly validationParameters: readonly string[];
  /** Of the reading that `fromRaw` has taken over. */
  readonly status?: Manifest['status'];
}

export interface PrepareDeps {
  readonly lake: Lake;
  /** DEFAULT_LIMITS when absent. */
  readonly limits?: ValidationLimits | undefined;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

/**
 * The Lambda behind the state Prepare: checks the execution's input before anything else is called. For `fromRaw` it
 * gives this run a manifest that points at the raw responses of an earlier one, so Extract finds its work done.
 */
export const createPrepare =
  (deps: PrepareDeps) =>
  async (payload: unknown): Promise<PrepareResult> => {
    const { mode, snapshotDate, playlistIds, runId, startedAt } = parsePreparePayload(payload);
    let validated = runId;
    const adopted = mode === 'fromRaw' ? await adoptRaw({ snapshotDate, runId }, deps) : undefined;
    if (mode === 'validateOnly') validated = await publishedRun(snapshotDate, deps.lake);
    return {
      mode,
      snapshotDate,
      playlistIds,
      ...(adopted && { status: adopted.status }),
      validationParameters: validationParameters(
        { snapshotDate, runId: validated },
        startedAt.slice(0, 10),
        deps.limits ?? DEFAULT_LIMITS,
      ),
    };
  };

async function publishedRun(snapshotDate: string, lake: Lake): Promise<string> {
  const publication = await readJson(lake, publicationKey(snapshotDate), PublicationSchema);
  if (publication) return publication.run_id;
  throw new InvalidInputError(`validateOnly: nothing is published for ${snapshotDate}`);
}

/** The raw responses of the published run, or else of the run that finished last. */
async function adoptRaw(place: RunPlace, { lake, log }: PrepareDeps): Promise<Manifest> {
  const manifests = await finishedManifests(place.snapshotDate, lake);
  const published = await readJson(lake, publicationKey(place.snapshotDate), PublicationSchema);
  const manifest = manifests.find(({ run_id }) => run_id === published?.run_id) ?? manifests.at(-1);
  if (!manifest) throw new InvalidInputError(`fromRaw: raw holds no finished run of ${place.snapshotDate}`);
  log('raw of an earlier run is taken', { snapshotDate: place.snapshotDate, from: manifest.run_id });
  await writeJson(lake, manifestKey(place), { ...manifest, run_id: place.runId });
  return manifest;
}

/** Oldest first. */
async function finishedManifests(snapshotDate: string, lake: Lake): Promise<Manifest[]> {
  const objects = await lake.list(rawDatePrefix(snapshotDate));
  const keys = objects.filter(({ key }) => parseManifestKey(key)).map(({ key }) => key);
  const manifests = await Promise.all(keys.map((key) => readJson(lake, key, ManifestSchema)));
  return manifests
    .filter((manifest) => manifest !== undefined)
    .sort((a, b) => (a.finished_at < b.finished_at ? -1 : 1));
}

export const handler = lambdaHandler('prepare', ({ environment, telemetry }) =>
  createPrepare({
    lake: createLake({ bucket: environment.LAKE_BUCKET }),
    limits: ValidationLimitsSchema.parse(JSON.parse(environment.VALIDATION_LIMITS)),
    log: telemetry.log,
  }),
);
