import { type Answer, json, refusal } from './answer.ts';
import type { Catalogue, DemoEntry, DemoPlaylist } from './catalogue.ts';
import { snapshotIdOf } from './spotify-ids.ts';
import { userObject, wrapperObject } from './spotify-objects.ts';
import { entriesOfWeek } from './weeks.ts';

/**
 * The part of Spotify's Web API that reads playlists, as a Development Mode app made since 2026-02-11 meets it: pages
 * are under `items`, `/tracks` is forbidden, and so are the contents of a playlist that is not the user's own.
 */

/** `limit` and `offset` of the first page are Spotify's own; a playlist object ignores what the caller asks for. */
const EMBEDDED_ENTRIES = 100;
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 50;

export interface Served {
  readonly catalogue: Catalogue;
  /** 0 to 7 */
  readonly week: number;
}

const PLAYLIST_PATH = /^\/v1\/playlists\/([^/]+)(?:\/(items|tracks))?$/;

/** Answers a GET below `/v1/` whose token is in order. `url` holds the origin that the page links shall have. */
export function answerWebApi(served: Served, url: URL): Answer {
  if (url.pathname === '/v1/me/playlists') return myPlaylists(served, url);
  const [, id, part] = PLAYLIST_PATH.exec(url.pathname) ?? [];
  if (id === undefined) return refusal(404, 'Service not found');
  const playlist = served.catalogue.playlists.find((candidate) => candidate.id === id);
  if (playlist === undefined) return refusal(404, 'Resource not found');
  if (part === undefined) return json(200, selected(playlistObject(served, playlist, url), url));
  if (part === 'tracks' || !playlist.yours) return refusal(403, 'Forbidden');
  const asked = readPaging(url);
  return 'status' in asked ? asked : json(200, entriesPage(served, playlist, url, asked));
}

/** All playlists the user owns, collaborates on or follows; the others' contents are not even counted. */
function myPlaylists({ catalogue, week }: Served, url: URL): Answer {
  const asked = readPaging(url);
  if ('status' in asked) return asked;
  const objects = catalogue.playlists.map((playlist) => {
    const { followers: _, ...simplified } = playlistFields(playlist, week, url);
    if (!playlist.yours) return simplified;
    return { ...simplified, items: { href: `${simplified.href}/items`, total: entriesOfWeek(playlist, week).length } };
  });
  return json(200, page(objects, new URL('/v1/me/playlists', url), asked));
}

function playlistObject(served: Served, playlist: DemoPlaylist, url: URL) {
  const fields = playlistFields(playlist, served.week, url);
  if (!playlist.yours) return fields;
  return { ...fields, items: entriesPage(served, playlist, url, { offset: 0, limit: EMBEDDED_ENTRIES }) };
}

/** What `fields` names of the object itself; a name that is not there selects nothing. */
function selected(object: object, { searchParams }: URL): object {
  const fields = searchParams.get('fields')?.split(',');
  return fields ? Object.fromEntries(Object.entries(object).filter(([name]) => fields.includes(name))) : object;
}

function playlistFields(playlist: DemoPlaylist, week: number, url: URL) {
  const { id, name, description, owner, collaborative, images, followers } = playlist;
  return {
    collaborative,
    description,
    external_urls: { spotify: `https://open.spotify.com/playlist/${id}` },
    followers: { href: null, total: followers },
    href: `${url.origin}/v1/playlists/${id}`,
    id,
    images,
    name,
    owner: { ...userObject(owner.id), display_name: owner.display_name },
    primary_color: null,
    public: playlist.public,
    snapshot_id: snapshotIdOf([id, entriesOfWeek(playlist, week).map(withoutOrder)]),
    type: 'playlist',
    uri: `spotify:playlist:${id}`,
  };
}

/** An entry's number may change while its place does not: only what a reader sees makes a new version. */
const withoutOrder = ({ order: _, ...seen }: DemoEntry) => seen;

interface Paging {
  readonly offset: number;
  readonly limit: number;
}

function readPaging({ searchParams }: URL): Paging | Answer {
  const limit = wholeNumber(searchParams.get('limit'), DEFAULT_LIMIT);
  const offset = wholeNumber(searchParams.get('offset'), 0);
  if (limit === undefined || limit < 1 || limit > MAX_LIMIT) return refusal(400, 'Invalid limit');
  return offset === undefined ? refusal(400, 'Invalid offset') : { offset, limit };
}

/** At most nine digits, which stays below 2^31; undefined for any other text. */
function wholeNumber(text: string | null, fallback: number): number | undefined {
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function entriesPage({ catalogue, week }: Served, playlist: DemoPlaylist, url: URL, asked: Paging) {
  const link = new URL(`/v1/playlists/${playlist.id}/items`, url);
  const kinds = url.searchParams.get('additional_types');
  if (kinds !== null) link.searchParams.set('additional_types', kinds);
  const { items, ...rest } = page(entriesOfWeek(playlist, week), link, asked);
  return { ...rest, items: items.map((entry) => wrapperObject(catalogue, playlist, entry)) };
}

/**
 * One page of `all`. The links keep to the endpoint's maximum: the first page of a playlist object has 100 entries, but
 * `next` with a limit of 100 would be refused.
 */
function page<T>(all: readonly T[], link: URL, { offset, limit }: Paging) {
  const step = Math.min(limit, MAX_LIMIT);
  const at = (from: number): string => {
    const target = new URL(link);
    target.searchParams.set('offset', String(from));
    target.searchParams.set('limit', String(step));
    return target.href;
  };
  return {
    href: at(offset),
    items: all.slice(offset, offset + limit),
    limit,
    next: offset + limit < all.length ? at(offset + limit) : null,
    offset,
    previous: offset > 0 ? at(Math.max(0, offset - step)) : null,
    total: all.length,
  };
}
