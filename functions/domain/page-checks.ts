import { ContractError } from './errors.ts';
import type { Reading, Regime } from './manifest.ts';
import { SAVED_TRACKS_ID, savedTracksPlaylist } from './saved-tracks.ts';
import {
  firstIssue,
  PageSchema,
  PlaylistSchema,
  type SpotifyPage,
  type SpotifyPlaylist,
  VersionSchema,
} from './spotify-schemas.ts';

/** Checks on what a playlist's responses say about themselves and each other. Pure: the reader acts on the answers. */

export interface FirstPage {
  readonly playlist: SpotifyPlaylist;
  /** Null for the saved tracks, which look alike in every regime. */
  readonly regime: Regime | null;
  readonly page: SpotifyPage;
}

/**
 * The playlist object with its embedded page; undefined when there is none: the playlist is not this user's (regime C).
 * Throws ContractError that names what was parsed.
 */
export function parsePlaylist(json: unknown, name: string): FirstPage | undefined {
  const parsed = PlaylistSchema.safeParse(json);
  if (!parsed.success) throw new ContractError(`${name} is not a playlist: ${firstIssue(parsed.error)}`);
  const { items, tracks } = parsed.data;
  const page = items ?? tracks;
  if (page === undefined) return undefined;
  return { playlist: parsed.data, regime: items === undefined ? 'A' : tracks === undefined ? 'C' : 'B', page };
}

/** The first response of a playlist's reading: the playlist object, or the first page of the saved tracks. */
export function parseFirst(json: unknown, playlistId: string, name: string): FirstPage | undefined {
  if (playlistId !== SAVED_TRACKS_ID) return parsePlaylist(json, name);
  const page = parsePage(json, name);
  return { page, playlist: savedTracksPlaylist(page), regime: null };
}

/** The version that an answer to a second look names; undefined when it names none. */
export function versionIn(json: unknown, playlistId: string): string | undefined {
  if (playlistId === SAVED_TRACKS_ID)
    return parseFirst(json, playlistId, 'the answer for the saved tracks')?.playlist.snapshot_id;
  return VersionSchema.safeParse(json).data?.snapshot_id;
}

/** Throws ContractError that names what was parsed. */
export function parsePage(json: unknown, name: string): SpotifyPage {
  const parsed = PageSchema.safeParse(json);
  if (!parsed.success) throw new ContractError(`${name} is not a page: ${firstIssue(parsed.error)}`);
  return parsed.data;
}

/** Spotify's `next` comes from outside: a token must never be sent to another host because of it. */
export function checkNext(page: SpotifyPage, apiUrl: string): void {
  if (page.next === null) return;
  if (URL.canParse(page.next) && new URL(page.next).origin === new URL(apiUrl).origin) return;
  throw new ContractError(`next leads away from ${new URL(apiUrl).origin}: ${JSON.stringify(page.next).slice(0, 200)}`);
}

/**
 * Why this page cannot follow what was received so far; undefined when it can. A playlist that is edited while it is
 * read shows itself here or by its snapshot_id, and is then read again.
 */
export function pageProblem(page: SpotifyPage, received: number, total: number): string | undefined {
  if (page.offset !== received) return `asked for offset ${received}, got ${page.offset}`;
  if (page.total !== total) return `total went from ${total} to ${page.total}`;
  if (page.items.length === 0 && page.next !== null) return `an empty page at offset ${received} that is not the last`;
  // A page may be shorter than asked for, but then the next one has to begin where it ends, or entries are lost between.
  const end = received + page.items.length;
  const nextOffset = offsetIn(page.next);
  if (nextOffset !== undefined && nextOffset !== end)
    return `a page ends at ${end} and the next begins at ${nextOffset}`;
  return undefined;
}

function offsetIn(next: string | null): number | undefined {
  const offset = next !== null && URL.canParse(next) ? new URL(next).searchParams.get('offset') : null;
  return offset === null || !/^\d+$/.test(offset) ? undefined : Number(offset);
}

/** Why the whole is not what Spotify counts; undefined when it is. */
export const totalProblem = (received: number, reading: Pick<Reading, 'total'>): string | undefined =>
  received === reading.total ? undefined : `Spotify counts ${reading.total} entries and sent ${received}`;
