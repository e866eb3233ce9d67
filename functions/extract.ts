import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createLake, type Lake, readJson, writeJson } from './adapters/lake.ts';
import { createSecretStore, type SecretStore, type SpotifySecret } from './adapters/secrets.ts';
import { createSpotify, type Spotify } from './adapters/spotify.ts';
import type { Telemetry } from './adapters/telemetry.ts';
import { callBudget } from './domain/call-budget.ts';
import { consentNotice, tokenDaysLeft } from './domain/consent.ts';
import { ConfigError } from './domain/errors.ts';
import { type ExtractPayload, parseExtractPayload } from './domain/execution-input.ts';
import { manifestKey, type RunPlace } from './domain/lake-paths.ts';
import {
  countEntries,
  type Manifest,
  ManifestSchema,
  type PlaylistRecord,
  SOFTWARE_VERSION,
  type Tally,
} from './domain/manifest.ts';
import { DEFAULT_READING, type ReadingConfig, ReadingConfigSchema } from './domain/reading-config.ts';
import { SAVED_TRACKS_ID } from './domain/saved-tracks.ts';
import { type EarlierReadings, openEarlierReadings } from './earlier-readings.ts';
import type { ParsedEnvironment } from './environment.ts';
import { lambdaHandler } from './lambda-handler.ts';
import { chosen, type MyPlaylists, readMyPlaylists } from './my-playlists.ts';
import { createProgressWriter, type ProgressWriter } from './progress-writer.ts';
import { readPlaylist } from './read-playlist.ts';
import { openRunTally, type RunCounters } from './run-tally.ts';
import { shrunkShare } from './shrunk-share.ts';

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
  /** Days until the user's consent ends; null: not known, or none is used. */
  readonly tokenDaysLeft: number | null;
  /** What a person should hear although the run went well, with the command to type; null: nothing. */
  readonly notice: string | null;
}

/** The consent whose refresh token is used. */
export interface Consent {
  /** ISO 8601; null: not known. */
  readonly authorizedAt: string | null;
  /** What a person types to consent again. */
  readonly command: string;
}

export interface ExtractDeps {
  readonly spotify: Spotify;
  readonly lake: Lake;
  readonly apiUrl: string;
  /** The configured playlists' IDs, when the input names none. */
  readonly playlistIds: readonly string[];
  readonly market: string | null;
  readonly keepPersonalData: boolean;
  /** What else to read, and how often in full; absent: the defaults. */
  readonly reading?: ReadingConfig | undefined;
  /** Days that lifecycle rules leave raw objects; null or absent: they stay. */
  readonly rawRetentionDays?: number | null;
  /** Absent: the app reads as itself, so there is no user whose playlists could be listed. */
  readonly consent?: Consent | undefined;
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
    if (written) return summary(written.status, null, written.playlists, written.spotify, deps);

    const counters = await openRunTally({ ...deps, place, tally: deps.spotify.tally });
    const progress = createProgressWriter(deps.lake, place);
    const run = { ...deps, place, input, counters, progress, hasTime: () => deps.remainingMs() > TIME_FOR_A_CALL_MS };
    try {
      await counters.save();
      const result = await readAll(run);
      await progress.settled();
      return result;
    } finally {
      await progress.settled().catch(() => undefined);
      // The manifest, or the next call, counts what was asked until here; the error that ended it is the news.
      await counters.save().catch((error: Error) => deps.log('counters are not saved', { why: error.message }));
    }
  };

interface Run extends ExtractDeps {
  readonly place: RunPlace;
  readonly input: ExtractPayload;
  readonly counters: RunCounters;
  readonly progress: ProgressWriter;
  readonly hasTime: () => boolean;
}

async function readAll(run: Run): Promise<ExtractResult> {
  const { input, counters, log, reading = DEFAULT_READING } = run;
  const records: PlaylistRecord[] = [];
  const ended = (status: 'wait' | 'continue', retryAt: string | null) =>
    summary(status, retryAt, records, counters.spotify(), run);
  const interrupted = (outcome: { status: 'wait'; retryAt: string; reason: string } | { status: 'continue' }) => {
    log('reading is interrupted', outcome);
    if (outcome.status === 'wait') counters.wait(outcome.retryAt, outcome.reason);
    return ended(outcome.status, outcome.status === 'wait' ? outcome.retryAt : null);
  };
  const held = counters.held();
  if (held !== null) return ended('wait', held);

  const earlier = await openEarlierReadings({ ...run, ...reading, rawRetentionDays: run.rawRetentionDays ?? null });
  const listed = await readMyPlaylists(await listPurpose(run, earlier), run);
  if (listed.status !== 'listed') return interrupted(listed);
  const playlistIds = input.playlistIds ?? configuredIds(run, listed.list);
  if (playlistIds.length === 0) throw nothingConfigured();
  const versions = new Map(listed.list.playlists.map(({ id, snapshot_id }) => [id, snapshot_id]));
  for (const playlistId of playlistIds) {
    const outcome = await readPlaylist(playlistId, {
      ...run,
      earlier,
      listedVersion: versions.get(playlistId),
      onProgress: (entries, total) => log(`${entries} of ${total} entries received`, { playlistId, entries, total }),
    });
    if (outcome.status === 'wait' || outcome.status === 'continue') return interrupted(outcome);
    records.push(outcome);
    const { status, reason, total, calls } = outcome;
    const which = `playlist ${records.length} of ${playlistIds.length}`;
    log(`${which} ${status}${calls === 0 ? ', unchanged' : ''}`, { playlistId, status, reason, total, calls });
  }
  if (records.every(({ status }) => status !== 'complete')) throw nothingReadable(records);
  await run.progress.settled();
  const manifest = await writeManifest(run, listed.list, records);
  return summary(manifest.status, null, records, manifest.spotify, run);
}

/** The user's list is asked for when the sources come from it, or when it is cheaper than a call a playlist. */
async function listPurpose({ input, consent, reading = DEFAULT_READING, ...run }: Run, earlier: EarlierReadings) {
  const sources = input.playlistIds === null && reading.myPlaylists !== 'none';
  if (sources && !consent) {
    throw new ConfigError(
      'myPlaylists needs the consent of a user: npm run auth. A client secret alone has no playlists',
    );
  }
  const userId = sources && reading.myPlaylists !== 'all';
  if (sources || !consent) return { sources, userId, worth: 0 };
  const known = await Promise.all((input.playlistIds ?? run.playlistIds).map((id) => earlier.complete(id)));
  return { sources, userId, worth: known.filter((record) => record !== undefined).length };
}

function configuredIds({ playlistIds, reading = DEFAULT_READING }: Run, list: MyPlaylists): string[] {
  const mine = reading.myPlaylists === 'none' ? [] : chosen(list, reading);
  return [...new Set([...playlistIds, ...mine, ...(reading.savedTracks ? [SAVED_TRACKS_ID] : [])])];
}

async function writeManifest(run: Run, list: MyPlaylists, records: PlaylistRecord[]) {
  const { place, lake, counters } = run;
  const manifest: Manifest = {
    manifest_version: 1,
    software_version: SOFTWARE_VERSION,
    run_id: place.runId,
    snapshot_date: place.snapshotDate,
    started_at: run.input.startedAt,
    finished_at: run.now().toISOString(),
    status: records.every(({ status }) => status === 'complete') ? 'complete' : 'partial',
    market: run.market,
    keep_personal_data: run.keepPersonalData,
    regime: records.find(({ regime }) => regime !== null)?.regime ?? null,
    entries: entriesOf(records),
    calls: {
      made: list.calls + records.reduce((sum, { calls = 0 }) => sum + calls, 0),
      budget: list.calls + records.reduce((sum, record) => sum + callBudget(record, place.runId), 0),
    },
    token_days_left: tokenDaysLeft(run.consent?.authorizedAt ?? null, run.now()),
    playlists: records,
    spotify: counters.spotify(),
  };
  await writeJson(lake, manifestKey(place), manifest);
  return manifest;
}

const entriesOf = (records: readonly PlaylistRecord[]): number =>
  records.reduce((sum, { objects }) => sum + countEntries(objects), 0);

function summary(
  status: ExtractResult['status'],
  retryAt: string | null,
  records: readonly PlaylistRecord[],
  tally: Tally,
  { consent, now }: ExtractDeps,
): ExtractResult {
  const daysLeft = tokenDaysLeft(consent?.authorizedAt ?? null, now());
  return {
    status,
    retryAt,
    playlists: records.length,
    unreadable: records.filter((record) => record.status !== 'complete').length,
    entries: entriesOf(records),
    calls: Object.values(tally.calls).reduce((sum, calls) => sum + calls, 0),
    retries: tally.retries,
    tokenDaysLeft: daysLeft,
    notice: consentNotice(daysLeft, consent?.command ?? ''),
  };
}

const nothingConfigured = () =>
  new ConfigError(
    'no playlist to read: name some in cdk.json (context.playlistLake.playlists), or choose some of your own (reading.myPlaylists)',
  );

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
  const reading = ReadingConfigSchema.parse(JSON.parse(environment.READING));
  return async (payload, context) => {
    // For each call anew: a person may have put another consent there since the last one.
    const secret = await secrets.read();
    const daysLeft = tokenDaysLeft((secret.refresh_token && secret.authorized_at) ?? null, new Date());
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
      consent: secret.refresh_token
        ? { authorizedAt: secret.authorized_at ?? null, command: 'npm run auth -- --aws' }
        : undefined,
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

const connect = (
  environment: ParsedEnvironment<'extract'>,
  secret: SpotifySecret,
  { saveRefreshToken }: SecretStore,
  { log }: Telemetry,
) =>
  createSpotify({
    settings: { apiUrl: environment.SPOTIFY_API_URL, accountsUrl: environment.SPOTIFY_ACCOUNTS_URL },
    credentials: {
      clientId: secret.client_id,
      ...(secret.client_secret ? { clientSecret: secret.client_secret } : {}),
      ...(secret.refresh_token ? { refreshToken: secret.refresh_token } : {}),
    },
    saveRefreshToken,
    now: Date.now,
    sleep: (ms) => sleep(ms),
    random: Math.random,
    log,
  });

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
