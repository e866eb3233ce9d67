import type { Lake } from './adapters/lake.ts';
import type { Spotify, SpotifyAnswer } from './adapters/spotify.ts';
import { ContractError, SpotifyUnavailableError } from './domain/errors.ts';
import type { RunPlace } from './domain/lake-paths.ts';
import { countEntries, type PlaylistRecord, type Reading, unreadableRecord } from './domain/manifest.ts';
import { checkNext, type FirstPage, pageProblem, parseFirst, parsePage, totalProblem } from './domain/page-checks.ts';
import { SAVED_TRACKS_ID, SAVED_TRACKS_PATH } from './domain/saved-tracks.ts';
import type { EarlierReadings, HeldReading } from './earlier-readings.ts';
import type { ProgressWriter } from './progress-writer.ts';
import { loadRaw, storeRaw } from './raw-responses.ts';

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
  readonly earlier: EarlierReadings;
  readonly progress: ProgressWriter;
  /** The version that the user's list named; undefined: the list does not have the playlist, or was not asked for. */
  readonly listedVersion?: string | undefined;
  /** Whether there is time for another call; false ends the reading where it is. */
  readonly hasTime: () => boolean;
  readonly onProgress: (entries: number, total: number) => void;
}

/** A record when the playlist is accounted for; otherwise why it is not done yet. */
export type ReadOutcome = PlaylistRecord | { status: 'wait'; retryAt: string; reason: string } | { status: 'continue' };

/** Why what came is not the whole playlist: it has to be read again. */
type Unwhole = { readonly problem: string; readonly calls: number };
type Begun = Reading | ReadOutcome | Unwhole;

/**
 * Reads one playlist to its end, or as far as time and Spotify allow, and asks for nothing that the lake holds of the
 * same version. Every response is stored as received, and the progress after each, so that the next call goes on there:
 * the next call with the same place, or the next run of the same date.
 */
export async function readPlaylist(playlistId: string, deps: ReadPlaylistDeps): Promise<ReadOutcome> {
  const saved = (await ownReading(playlistId, deps)) ?? (await takenOver(playlistId, deps));
  if (saved !== undefined && saved.status !== 'reading') return saved;
  const outcome = await readFrom(playlistId, saved, deps);
  if (outcome.status !== 'wait' && outcome.status !== 'continue') await deps.progress.save(outcome);
  return outcome;
}

async function ownReading(playlistId: string, deps: ReadPlaylistDeps): Promise<Reading | PlaylistRecord | undefined> {
  const own = await deps.earlier.own(playlistId);
  return own && withNextPage(own, deps);
}

/** What another run left. Two runs at once do no harm: each writes below its own prefix and only reads the other's. */
async function takenOver(playlistId: string, deps: ReadPlaylistDeps): Promise<Reading | PlaylistRecord | undefined> {
  const { earlier, listedVersion } = deps;
  const left = await earlier.unfinished(playlistId);
  const isCurrent = listedVersion === undefined || left?.progress.snapshot_id === listedVersion;
  const complete = listedVersion === undefined ? undefined : await earlier.complete(playlistId);
  const isUnchanged = complete?.snapshot_id === listedVersion;
  const found = left && isCurrent ? await withNextPage(left, deps) : isUnchanged ? complete : undefined;
  if (!found) return undefined;
  const mine = found.status === 'reading' ? { ...found, read: 1, calls: 0 } : { ...found, calls: 0 };
  await deps.progress.save(mine);
  return mine;
}

/** A run that is killed between storing a page and noting it has the page all the same. */
async function withNextPage({ progress, nextPage: key }: HeldReading, deps: ReadPlaylistDeps) {
  const raw = key && (await loadRaw(key, deps.lake));
  if (progress.status !== 'reading' || !key || !raw) return progress;
  const offset = countEntries(progress.objects);
  const page = parsePage(raw.json, key);
  checkNext(page, deps.apiUrl);
  const object = { key, offset, entries: page.items.length, ...raw.stored };
  return { ...progress, more: page.next !== null, objects: [...progress.objects, object] };
}

async function readFrom(playlistId: string, saved: Reading | undefined, deps: ReadPlaylistDeps): Promise<ReadOutcome> {
  let reading = saved;
  let calls = 0;
  let problem = '';
  for (let read = reading?.read ?? 1; read <= MAX_READS; read += 1) {
    const begun: Begun = reading ?? (await begin(playlistId, { read, calls }, deps));
    const ended = 'problem' in begun || begun.status !== 'reading' ? begun : await finish(begun, deps);
    if (!('problem' in ended)) return ended;
    ({ problem, calls } = ended);
    reading = undefined;
  }
  throw new SpotifyUnavailableError(
    `playlist ${playlistId} was read ${MAX_READS} times and never came out whole: ${problem}. Run again later.`,
  );
}

/** Where a reading stands: which one of the playlist, and the calls of this run before it. */
interface Round {
  readonly read: number;
  readonly calls: number;
}

/** The playlist object, which carries the first page. */
async function begin(playlistId: string, { read, calls }: Round, deps: ReadPlaylistDeps): Promise<Begun> {
  const orphan = read === 1 ? deps.earlier.firstPageWithoutProgress(playlistId) : undefined;
  const held = orphan && (await loadRaw(orphan, deps.lake));
  if (orphan && held) {
    const first = checkedFirst(held.json, playlistId, orphan, deps);
    const isCurrent = first && (deps.listedVersion ?? first.playlist.snapshot_id) === first.playlist.snapshot_id;
    const object = { key: orphan, offset: 0, entries: first?.page.items.length ?? 0, ...held.stored };
    if (first && isCurrent) return begun(first, object, { read, calls }, deps);
  }
  if (!deps.hasTime()) return { status: 'continue' };
  const answer = await askFirst(playlistId, deps);
  if (answer.outcome !== 'ok') return notRead(playlistId, answer, calls + 1);
  const first = checkedFirst(answer.json, playlistId, `the answer for playlist ${playlistId}`, deps);
  if (first === undefined) {
    const reason = 'Spotify shows this app the contents of playlists that you own or collaborate on only';
    return { ...unreadableRecord(playlistId, 'not_yours', reason), calls: calls + 1 };
  }
  const problem = pageProblem(first.page, 0, first.page.total);
  if (problem) return { problem, calls: calls + 1 };
  const response = { playlistId, read, offset: 0, entries: first.page.items.length };
  await deps.progress.settled();
  const object = await storeRaw(answer.body, response, deps);
  return begun(first, object, { read, calls: calls + 1 }, deps);
}

const askFirst = (playlistId: string, deps: ReadPlaylistDeps): Promise<SpotifyAnswer> =>
  playlistId === SAVED_TRACKS_ID
    ? deps.spotify.get(SAVED_TRACKS_PATH, { ...market(deps), limit: PAGE_SIZE.items, offset: '0' })
    : deps.spotify.get(`/v1/playlists/${playlistId}`, query(deps));

function checkedFirst(json: unknown, playlistId: string, name: string, deps: ReadPlaylistDeps): FirstPage | undefined {
  const first = parseFirst(json, playlistId, name);
  if (first === undefined) return undefined;
  const { page, playlist } = first;
  checkNext(page, deps.apiUrl);
  if (playlist.id !== playlistId) throw new ContractError(`asked for playlist ${playlistId}, got ${playlist.id}`);
  return first;
}

async function begun(
  { page, playlist, regime }: FirstPage,
  object: Reading['objects'][number],
  { read, calls }: Round,
  deps: ReadPlaylistDeps,
): Promise<Begun> {
  const { id: playlist_id, snapshot_id } = playlist;
  const { total } = page;
  const known = page.next === null ? undefined : await deps.earlier.complete(playlist_id);
  const isKnown = known?.snapshot_id === snapshot_id && known.total === total;
  if (isKnown && known.objects[0]?.entries === object.entries) {
    // The same version: its further pages are in the lake. This first one is fresher, and shows who follows it today.
    const objects = [object, ...known.objects.slice(1)];
    return { playlist_id, status: 'complete', reason: null, regime, snapshot_id, total, calls, objects };
  }
  const reading: Reading = {
    playlist_id,
    status: 'reading',
    read,
    regime,
    endpoint: regime === 'A' ? 'tracks' : 'items',
    snapshot_id,
    total,
    calls,
    more: page.next !== null,
    objects: [object],
  };
  await deps.progress.save(reading);
  return reading;
}

/** The further pages and the look whether the playlist moved meanwhile. */
async function finish(begun: Reading, deps: ReadPlaylistDeps): Promise<ReadOutcome | Unwhole> {
  let reading = begun;
  let isRefused = false;
  while (reading.more) {
    deps.onProgress(countEntries(reading.objects), reading.total);
    if (!deps.hasTime()) return { status: 'continue' };
    const next = await nextPage(reading, isRefused, deps);
    if ('problem' in next || next.status !== 'reading') return next;
    isRefused ||= next.endpoint !== reading.endpoint;
    reading = next;
  }
  const { playlist_id, regime, snapshot_id, total, objects } = reading;
  const problem = totalProblem(countEntries(objects), reading);
  if (problem) return { problem, calls: reading.calls };
  // A playlist that came in one response cannot have moved in between.
  if (objects.length > 1) {
    if (!deps.hasTime()) return { status: 'continue' };
    const answer = await askFirst(playlist_id, deps);
    reading = { ...reading, calls: reading.calls + 1 };
    if (answer.outcome !== 'ok') return notRead(playlist_id, answer, reading.calls);
    const now = parseFirst(answer.json, playlist_id, `the answer for playlist ${playlist_id}`)?.playlist.snapshot_id;
    if (now !== snapshot_id) return { problem: 'it was edited while it was read', calls: reading.calls };
  }
  return { playlist_id, status: 'complete', reason: null, regime, snapshot_id, total, calls: reading.calls, objects };
}

const OTHER_ENDPOINT = { items: 'tracks', tracks: 'items' } as const;

async function nextPage(
  reading: Reading,
  isOtherRefused: boolean,
  deps: ReadPlaylistDeps,
): Promise<Reading | ReadOutcome | Unwhole> {
  const { playlist_id: playlistId, endpoint } = reading;
  const offset = countEntries(reading.objects);
  const place = { limit: PAGE_SIZE[endpoint], offset: String(offset) };
  const answer = await (playlistId === SAVED_TRACKS_ID
    ? deps.spotify.get(SAVED_TRACKS_PATH, { ...market(deps), ...place })
    : deps.spotify.get(`/v1/playlists/${playlistId}/${endpoint}`, { ...query(deps), ...place }));
  const calls = reading.calls + 1;
  const isRefused = answer.outcome === 'forbidden' || answer.outcome === 'gone';
  const hasOther = (reading.regime === 'A' || reading.regime === 'B') && !isOtherRefused;
  if (isRefused && hasOther) return { ...reading, calls, endpoint: OTHER_ENDPOINT[endpoint] };
  if (answer.outcome !== 'ok') return notRead(playlistId, answer, calls);
  const page = parsePage(answer.json, `the answer for playlist ${playlistId} from ${offset} on`);
  checkNext(page, deps.apiUrl);
  const problem = pageProblem(page, offset, reading.total);
  if (problem) return { problem, calls };
  const response = { playlistId, read: reading.read, offset, entries: page.items.length };
  await deps.progress.settled();
  const object = await storeRaw(answer.body, response, deps);
  const next = { ...reading, calls, more: page.next !== null, objects: [...reading.objects, object] };
  await deps.progress.save(next);
  return next;
}

const market = ({ market }: ReadPlaylistDeps) => (market === null ? {} : { market });

const query = (deps: ReadPlaylistDeps) => ({ additional_types: 'track,episode', ...market(deps) });

function notRead(playlistId: string, answer: Exclude<SpotifyAnswer, { outcome: 'ok' }>, calls: number): ReadOutcome {
  if (answer.outcome === 'wait') return { status: 'wait', retryAt: answer.retryAt, reason: answer.reason };
  return { ...unreadableRecord(playlistId, answer.outcome, answer.reason), calls };
}
