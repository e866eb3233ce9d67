import type { Lake } from './adapters/lake.ts';
import type { Spotify, SpotifyAnswer } from './adapters/spotify.ts';
import { type PlaylistRecord, type Reading, unreadableRecord } from './domain/manifest.ts';
import { SAVED_TRACKS_ID, SAVED_TRACKS_PATH } from './domain/saved-tracks.ts';
import type { EarlierReadings } from './earlier-readings.ts';
import type { LakeWriter } from './lake-writer.ts';
import { type OpenReading, type OpenRecord, openRecord } from './stored-page.ts';

/** The calls that read one playlist, and how each step of its reading may end. */

/** Documented maximum of `/items`; `/tracks`, in regime A, gives 100. */
const PAGE_SIZE = { items: '50', tracks: '100' } as const;

export interface ReadPlaylistDeps {
  readonly spotify: Spotify;
  readonly lake: Lake;
  readonly apiUrl: string;
  readonly market: string | null;
  readonly earlier: EarlierReadings;
  readonly writer: LakeWriter;
  /** The version that the user's list named; undefined: the list does not have the playlist, or was not asked for. */
  readonly listedVersion?: string | undefined;
  /** Whether there is time for another call; false ends the reading where it is. */
  readonly hasTime: () => boolean;
  readonly onProgress: (entries: number, total: number) => void;
}

/** Accounted for, its pages perhaps on their way into the lake; otherwise why it is not done yet. */
export type ReadOutcome = OpenRecord | { status: 'wait'; retryAt: string; reason: string } | { status: 'continue' };

/** Why what came is not the whole playlist: it has to be read again. */
export interface Unwhole {
  readonly problem: string;
  /** Of this run, for this playlist. */
  readonly calls: number;
}

export type Step = OpenReading | ReadOutcome | Unwhole;

/** The playlist object, which carries the first page, or the first page of the saved tracks. */
export const askFirst = (playlistId: string, deps: ReadPlaylistDeps): Promise<SpotifyAnswer> =>
  playlistId === SAVED_TRACKS_ID
    ? deps.spotify.get(SAVED_TRACKS_PATH, { ...market(deps), limit: PAGE_SIZE.items, offset: '0' })
    : deps.spotify.get(`/v1/playlists/${playlistId}`, query(deps));

/**
 * The version alone: one small answer instead of the first page again. `fields` is documented for this endpoint
 * (https://developer.spotify.com/documentation/web-api/reference/get-playlist); a name in it that Spotify does not know
 * selects nothing, without an error. What is kept in the lake is asked for whole.
 */
export const askVersion = (playlistId: string, deps: ReadPlaylistDeps): Promise<SpotifyAnswer> =>
  playlistId === SAVED_TRACKS_ID
    ? askFirst(playlistId, deps)
    : deps.spotify.get(`/v1/playlists/${playlistId}`, { fields: 'snapshot_id' });

export function askPage(
  { playlist_id: playlistId, endpoint }: Pick<Reading, 'playlist_id' | 'endpoint'>,
  offset: number,
  deps: ReadPlaylistDeps,
): Promise<SpotifyAnswer> {
  const place = { limit: PAGE_SIZE[endpoint], offset: String(offset) };
  return playlistId === SAVED_TRACKS_ID
    ? deps.spotify.get(SAVED_TRACKS_PATH, { ...market(deps), ...place })
    : deps.spotify.get(`/v1/playlists/${playlistId}/${endpoint}`, { ...query(deps), ...place });
}

const market = ({ market }: ReadPlaylistDeps) => (market === null ? {} : { market });

const query = (deps: ReadPlaylistDeps) => ({ additional_types: 'track,episode', ...market(deps) });

type NotOk = Exclude<SpotifyAnswer, { outcome: 'ok' }>;

/** The end of a reading by an answer that holds no page. */
export const notRead = (playlistId: string, answer: NotOk, calls: number): ReadOutcome =>
  answer.outcome === 'wait'
    ? { status: 'wait', retryAt: answer.retryAt, reason: answer.reason }
    : unreadable(playlistId, answer.outcome, answer.reason, calls);

export const unreadable = (
  playlistId: string,
  status: Exclude<PlaylistRecord['status'], 'complete'>,
  reason: string,
  calls: number,
): OpenRecord => openRecord({ ...unreadableRecord(playlistId, status, reason), calls });
