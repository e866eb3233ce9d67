import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type Lake, readJson, writeJson } from './adapters/lake.ts';
import type { Spotify, SpotifyAnswer } from './adapters/spotify.ts';
import { ContractError, SpotifyUnavailableError } from './domain/errors.ts';
import { progressKey, type RunPlace, rawKey } from './domain/lake-paths.ts';
import {
  countEntries,
  type PlaylistRecord,
  ProgressSchema,
  type RawObject,
  type Reading,
  unreadableRecord,
} from './domain/manifest.ts';
import { checkNext, pageProblem, parsePage, parsePlaylist, totalProblem } from './domain/page-checks.ts';

/** A playlist that moves under the reader is read again this often before the run gives up. */
const MAX_READS = 3;
/** Documented maximum of `/items`; `/tracks`, in regime A, gives 100. */
const PAGE_SIZE = { items: '50', tracks: '100' } as const;

export interface ReadPlaylistDeps {
  readonly spotify: Spotify;
  readonly lake: Lake;
  readonly apiUrl: string;
  readonly place: RunPlace;
  readonly market: string | null;
  /** Whether there is time for another call; false ends the reading where it is. */
  readonly hasTime: () => boolean;
  readonly onProgress: (entries: number, total: number) => void;
}

/** A record when the playlist is accounted for; otherwise why it is not done yet. */
export type ReadOutcome = PlaylistRecord | { status: 'wait'; retryAt: string; reason: string } | { status: 'continue' };

/**
 * Reads one playlist to its end, or as far as time and Spotify allow. Every response is stored as received, and the
 * progress after each, so that the next call with the same place goes on at the saved offset.
 */
export async function readPlaylist(playlistId: string, deps: ReadPlaylistDeps): Promise<ReadOutcome> {
  const saved = await readJson(deps.lake, progressKey(deps.place, playlistId), ProgressSchema);
  if (saved !== undefined && saved.status !== 'reading') return saved;
  const outcome = await readFrom(playlistId, saved, deps);
  if (outcome.status !== 'wait' && outcome.status !== 'continue') await save(outcome, deps);
  return outcome;
}

async function readFrom(playlistId: string, saved: Reading | undefined, deps: ReadPlaylistDeps): Promise<ReadOutcome> {
  let reading = saved;
  let problem = '';
  for (let read = reading?.read ?? 1; read <= MAX_READS; read += 1) {
    const begun = reading ?? (await begin(playlistId, read, deps));
    if (begun.status !== 'reading') return begun;
    const ended = await finish(begun, deps);
    if (!('problem' in ended)) return ended;
    problem = ended.problem;
    reading = undefined;
  }
  throw new SpotifyUnavailableError(
    `playlist ${playlistId} was read ${MAX_READS} times and never came out whole: ${problem}. Run again later.`,
  );
}

/** The playlist object, which carries the first page. */
async function begin(playlistId: string, read: number, deps: ReadPlaylistDeps): Promise<Reading | ReadOutcome> {
  if (!deps.hasTime()) return { status: 'continue' };
  const answer = await deps.spotify.get(`/v1/playlists/${playlistId}`, query(deps));
  if (answer.outcome !== 'ok') return notRead(playlistId, answer);
  const first = parsePlaylist(answer.json, `the answer for playlist ${playlistId}`);
  if (first === undefined) {
    const reason = 'Spotify shows this app the contents of playlists that you own or collaborate on only';
    return unreadableRecord(playlistId, 'not_yours', reason);
  }
  checkNext(first.page, deps.apiUrl);
  const { page, playlist, regime } = first;
  if (playlist.id !== playlistId) throw new ContractError(`asked for playlist ${playlistId}, got ${playlist.id}`);
  const problem = pageProblem(page, 0, page.total);
  if (problem) throw new ContractError(`playlist ${playlistId}: ${problem}`);
  const object = await store(answer.body, { playlistId, read, offset: 0, entries: page.items.length }, deps);
  const reading: Reading = {
    playlist_id: playlistId,
    status: 'reading',
    read,
    regime,
    endpoint: 'items',
    snapshot_id: playlist.snapshot_id,
    total: page.total,
    more: page.next !== null,
    objects: [object],
  };
  await save(reading, deps);
  return reading;
}

/** The further pages and the look whether the playlist moved meanwhile. `problem`: it has to be read again. */
async function finish(begun: Reading, deps: ReadPlaylistDeps): Promise<ReadOutcome | { problem: string }> {
  let reading = begun;
  while (reading.more) {
    deps.onProgress(countEntries(reading.objects), reading.total);
    if (!deps.hasTime()) return { status: 'continue' };
    const next = await nextPage(reading, deps);
    if ('problem' in next || next.status !== 'reading') return next;
    reading = next;
  }
  const problem = totalProblem(countEntries(reading.objects), reading) ?? (await movedMeanwhile(reading, deps));
  if (typeof problem === 'string') return { problem };
  if (problem !== undefined) return problem;
  const { playlist_id, regime, snapshot_id, total, objects } = reading;
  return { playlist_id, status: 'complete', reason: null, regime, snapshot_id, total, objects };
}

async function nextPage(
  reading: Reading,
  deps: ReadPlaylistDeps,
): Promise<Reading | ReadOutcome | { problem: string }> {
  const { playlist_id: playlistId, endpoint } = reading;
  const offset = countEntries(reading.objects);
  const answer = await deps.spotify.get(`/v1/playlists/${playlistId}/${endpoint}`, {
    ...query(deps),
    limit: PAGE_SIZE[endpoint],
    offset: String(offset),
  });
  const isRefused = answer.outcome === 'forbidden' || answer.outcome === 'gone';
  if (isRefused && endpoint === 'items' && reading.regime !== 'C') return { ...reading, endpoint: 'tracks' };
  if (answer.outcome !== 'ok') return notRead(playlistId, answer);
  const page = parsePage(answer.json, `the answer for playlist ${playlistId} from ${offset} on`);
  checkNext(page, deps.apiUrl);
  const problem = pageProblem(page, offset, reading.total);
  if (problem) return { problem };
  const place = { playlistId, read: reading.read, offset, entries: page.items.length };
  const object = await store(answer.body, place, deps);
  const next = { ...reading, more: page.next !== null, objects: [...reading.objects, object] };
  await save(next, deps);
  return next;
}

/** A playlist that came in one response cannot have moved in between. */
async function movedMeanwhile(reading: Reading, deps: ReadPlaylistDeps): Promise<string | ReadOutcome | undefined> {
  if (reading.objects.length === 1) return undefined;
  if (!deps.hasTime()) return { status: 'continue' };
  const answer = await deps.spotify.get(`/v1/playlists/${reading.playlist_id}`, query(deps));
  if (answer.outcome !== 'ok') return notRead(reading.playlist_id, answer);
  const now = parsePlaylist(answer.json, `the answer for playlist ${reading.playlist_id}`)?.playlist.snapshot_id;
  return now === reading.snapshot_id ? undefined : 'it was edited while it was read';
}

const query = ({ market }: ReadPlaylistDeps) => ({
  additional_types: 'track,episode',
  ...(market === null ? {} : { market }),
});

function notRead(playlistId: string, answer: Exclude<SpotifyAnswer, { outcome: 'ok' }>): ReadOutcome {
  if (answer.outcome === 'wait') return { status: 'wait', retryAt: answer.retryAt, reason: answer.reason };
  return unreadableRecord(playlistId, answer.outcome, answer.reason);
}

async function store(
  body: Uint8Array,
  response: { playlistId: string; read: number; offset: number; entries: number },
  { lake, place }: ReadPlaylistDeps,
): Promise<RawObject> {
  const { offset, entries } = response;
  const key = rawKey({ ...place, ...response });
  const gzipped = gzipSync(body);
  await lake.put(key, gzipped, 'application/gzip');
  return {
    key,
    offset,
    entries,
    bytes: gzipped.byteLength,
    sha256: createHash('sha256').update(gzipped).digest('hex'),
  };
}

const save = (progress: Reading | PlaylistRecord, { lake, place }: ReadPlaylistDeps) =>
  writeJson(lake, progressKey(place, progress.playlist_id), progress);
