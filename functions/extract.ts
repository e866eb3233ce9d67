import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createLake, type Lake, readJson, writeJson } from './adapters/lake.ts';
import { createSecretStore, type SecretStore } from './adapters/secrets.ts';
import { createSpotify, type Spotify } from './adapters/spotify.ts';
import type { Telemetry } from './adapters/telemetry.ts';
import { daysUntilConsentEnds } from './domain/consent.ts';
import { ConfigError } from './domain/errors.ts';
import { type ExtractPayload, parseExtractPayload } from './domain/execution-input.ts';
import { manifestKey, type RunPlace } from './domain/lake-paths.ts';
import { countEntries, type Manifest, ManifestSchema, type PlaylistRecord } from './domain/manifest.ts';
import type { ParsedEnvironment } from './environment.ts';
import { lambdaHandler } from './lambda-handler.ts';
import { readPlaylist } from './read-playlist.ts';

/** What Extract tells the state machine: counts and times, never entries. */
export interface ExtractResult {
  /** complete or partial: the manifest is written. wait: come back at retryAt. continue: come back at once. */
  readonly status: 'complete' | 'partial' | 'wait' | 'continue';
  readonly retryAt: string | null;
  readonly playlists: number;
  readonly unreadable: number;
  readonly entries: number;
  /** Calls of Spotify in this run, and how many of them only repeated one that had failed. */
  readonly calls: number;
  readonly retries: number;
}

export interface ExtractDeps {
  readonly spotify: Spotify;
  readonly lake: Lake;
  readonly apiUrl: string;
  /** The configured playlists' IDs, when the input names none. */
  readonly playlistIds: readonly string[];
  readonly market: string | null;
  readonly keepPersonalData: boolean;
  readonly now: () => Date;
  /** Milliseconds until this call is cut off. */
  readonly remainingMs: () => number;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

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
    const written = await readJson(deps.lake, manifestKey(place), ManifestSchema);
    if (written) return summary(written.status, null, written.playlists, deps);

    const playlistIds = input.playlistIds ?? deps.playlistIds;
    const records: PlaylistRecord[] = [];
    for (const playlistId of playlistIds) {
      const outcome = await readPlaylist(playlistId, {
        ...deps,
        place,
        hasTime: () => deps.remainingMs() > TIME_FOR_A_CALL_MS,
        onProgress: (entries, total) =>
          deps.log(`${entries} of ${total} entries received`, { playlistId, entries, total }),
      });
      if (outcome.status === 'wait' || outcome.status === 'continue') {
        deps.log('reading is interrupted', { playlistId, ...outcome });
        return summary(outcome.status, 'retryAt' in outcome ? outcome.retryAt : null, records, deps);
      }
      records.push(outcome);
      const { status, reason, total } = outcome;
      const which = `playlist ${records.length} of ${playlistIds.length}`;
      deps.log(`${which} ${status}`, { playlistId, status, reason, total });
    }
    if (records.every(({ status }) => status !== 'complete')) throw nothingReadable(records);
    const manifest = await writeManifest(place, input, records, deps);
    return summary(manifest.status, null, records, deps);
  };

async function writeManifest(place: RunPlace, input: ExtractPayload, records: PlaylistRecord[], deps: ExtractDeps) {
  const manifest: Manifest = {
    manifest_version: 1,
    run_id: place.runId,
    snapshot_date: place.snapshotDate,
    started_at: input.startedAt,
    finished_at: deps.now().toISOString(),
    status: records.every(({ status }) => status === 'complete') ? 'complete' : 'partial',
    market: deps.market,
    keep_personal_data: deps.keepPersonalData,
    playlists: records,
    spotify: deps.spotify.tally,
  };
  await writeJson(deps.lake, manifestKey(place), manifest);
  return manifest;
}

function summary(
  status: ExtractResult['status'],
  retryAt: string | null,
  records: readonly PlaylistRecord[],
  { spotify }: ExtractDeps,
): ExtractResult {
  return {
    status,
    retryAt,
    playlists: records.length,
    unreadable: records.filter((record) => record.status !== 'complete').length,
    entries: records.reduce((sum, { objects }) => sum + countEntries(objects), 0),
    calls: Object.values(spotify.tally.calls).reduce((sum, calls) => sum + calls, 0),
    retries: spotify.tally.retries,
  };
}

/** A snapshot of nothing would be a green run over no data: a person has to look. */
function nothingReadable(records: readonly PlaylistRecord[]): ConfigError {
  const first = records[0];
  const example = first ? ` (${first.playlist_id}: ${first.status}, ${first.reason})` : '';
  return new ConfigError(
    `none of the ${records.length} playlists can be read${example}. Check the playlists and whose Spotify account was used.`,
  );
}

export const handler = lambdaHandler('extract', ({ environment, telemetry }) => {
  const secrets = createSecretStore({ secretArn: environment.SPOTIFY_SECRET_ARN });
  const lake = createLake({ bucket: environment.LAKE_BUCKET });
  const playlistIds = readPlaylistIds(environment.PLAYLISTS_FILE);
  return async (payload, context) => {
    const extract = createExtract({
      spotify: await connect(environment, secrets, telemetry),
      lake,
      apiUrl: environment.SPOTIFY_API_URL,
      playlistIds,
      market: environment.MARKET || null,
      keepPersonalData: environment.KEEP_PERSONAL_DATA === 'true',
      now: () => new Date(),
      remainingMs: context.getRemainingTimeInMillis,
      log: telemetry.log,
    });
    const result = await extract(payload);
    telemetry.measure(extractMetrics(result));
    return result;
  };
});

/** For each call anew: the secret may have changed since the last one, and its counts are this call's own. */
async function connect(environment: ParsedEnvironment<'extract'>, secrets: SecretStore, telemetry: Telemetry) {
  const secret = await secrets.read();
  const daysLeft = secret.refresh_token && daysUntilConsentEnds(secret.authorized_at, new Date());
  if (typeof daysLeft === 'number') telemetry.measure({ TokenDaysLeft: daysLeft });
  return createSpotify({
    settings: { apiUrl: environment.SPOTIFY_API_URL, accountsUrl: environment.SPOTIFY_ACCOUNTS_URL },
    credentials: {
      clientId: secret.client_id,
      ...(secret.client_secret ? { clientSecret: secret.client_secret } : {}),
      ...(secret.refresh_token ? { refreshToken: secret.refresh_token } : {}),
    },
    saveRefreshToken: secrets.saveRefreshToken,
    now: Date.now,
    sleep: (ms) => sleep(ms),
    random: Math.random,
    log: telemetry.log,
  });
}

/** Counts of a run are told once, when it has them all. */
function extractMetrics(result: ExtractResult): Parameters<Telemetry['measure']>[0] {
  if (result.status === 'wait') return { SpotifyWaits: 1 };
  if (result.status === 'continue') return {};
  return {
    EntriesRead: result.entries,
    PlaylistsUnreadable: result.unreadable,
    SpotifyCalls: result.calls,
    SpotifyRetries: result.retries,
  };
}

/** The IDs were checked when the stack was made, and stand beside the code. */
function readPlaylistIds(file: string): string[] {
  const folder = process.env.LAMBDA_TASK_ROOT ?? '';
  return z.array(z.string()).parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
}
