import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { createLake, type Lake, readJson } from './adapters/lake.ts';
import { createSecretStore } from './adapters/secrets.ts';
import type { Telemetry } from './adapters/telemetry.ts';
import { tokenDaysLeft } from './domain/consent.ts';
import { parseExtractPayload } from './domain/execution-input.ts';
import { manifestKey } from './domain/lake-paths.ts';
import { ManifestSchema } from './domain/manifest.ts';
import { ReadingConfigSchema } from './domain/reading-config.ts';
import type { ExtractDeps } from './extract-deps.ts';
import { type ExtractResult, extractMetrics, summary } from './extract-result.ts';
import { createLakeWriter } from './lake-writer.ts';
import { lambdaHandler } from './lambda-handler.ts';
import { connect, consentIn } from './lambda-spotify.ts';
import { readSources } from './read-sources.ts';
import { openRunTally } from './run-tally.ts';
import { shrunkShare } from './shrunk-share.ts';

/**
 * No call of Spotify is begun with less time than the longest one takes: 6 attempts of 30 s, 31 s of backoff between them
 * and 122 s of Retry-After. A call that is cut off all the same loses nothing: it is made again next time.
 */
const TIME_FOR_A_CALL_MS = 340_000;

/** The Lambda behind the state Extract: reads every playlist from Spotify into raw/ and writes the manifest. */
export const createExtract =
  (deps: ExtractDeps) =>
  async (payload: unknown): Promise<ExtractResult> => {
    const input = parseExtractPayload(payload);
    const place = { snapshotDate: input.snapshotDate, runId: input.runId };
    const done = await readJson(deps.lake, manifestKey(place), ManifestSchema);
    if (done) return summary(done.status, null, done.playlists, done.spotify, deps);

    const counters = await openRunTally({ ...deps, place, tally: deps.spotify.tally });
    const writer = createLakeWriter(deps.lake, place);
    const run = { ...deps, place, input, counters, writer, hasTime: () => deps.remainingMs() > TIME_FOR_A_CALL_MS };
    try {
      await counters.save();
      const result = await readSources(run);
      await writer.settled();
      return result;
    } finally {
      await writer.settled().catch(() => undefined);
      // The manifest, or the next call, counts what was asked until here; the error that ended it is the news.
      await counters.save().catch((error: Error) => deps.log('counters are not saved', { why: error.message }));
    }
  };

export const handler = lambdaHandler('extract', ({ environment, telemetry }) => {
  const secrets = createSecretStore({ secretArn: environment.SPOTIFY_SECRET_ARN });
  const lake = createLake({ bucket: environment.LAKE_BUCKET });
  const playlistIds = readPlaylistIds(environment.PLAYLISTS_FILE);
  const reading = ReadingConfigSchema.parse(JSON.parse(environment.READING));
  return async (payload, context) => {
    // For each call anew: a person may have put another consent there since the last one.
    const secret = await secrets.read();
    const consent = consentIn(secret);
    const daysLeft = tokenDaysLeft(consent?.authorizedAt ?? null, new Date());
    if (daysLeft !== null) telemetry.measure({ TokenDaysLeft: daysLeft });
    const extract = createExtract({
      spotify: connect(environment, secret, secrets, telemetry),
      lake,
      apiUrl: environment.SPOTIFY_API_URL,
      playlistIds,
      market: environment.MARKET || null,
      keepPersonalData: environment.KEEP_PERSONAL_DATA === 'true',
      reading,
      rawRetentionDays: Number(environment.RAW_RETENTION_DAYS),
      consent,
      now: () => new Date(),
      remainingMs: context.getRemainingTimeInMillis,
      log: telemetry.log,
    });
    const result = await extract(payload);
    telemetry.measure(extractMetrics(result));
    if (result.status === 'complete' || result.status === 'partial') await measureShrunk(lake, payload, telemetry);
    return result;
  };
});

/** A metric that cannot be told stops no run: the checks warn of the same. */
async function measureShrunk(lake: Lake, payload: unknown, { measure, log }: Telemetry): Promise<void> {
  try {
    const share = await shrunkShare(lake, parseExtractPayload(payload));
    if (share !== undefined) measure({ ShrunkShare: share });
  } catch (error) {
    log('whether a playlist shrank is not known', { why: (error as Error).message });
  }
}

/** The IDs were checked when the stack was made, and stand beside the code. */
function readPlaylistIds(file: string): string[] {
  const folder = process.env.LAMBDA_TASK_ROOT ?? '';
  return z.array(z.string()).parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
}
