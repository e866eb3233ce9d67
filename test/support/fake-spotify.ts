import type { Spotify, SpotifyAnswer } from '../../functions/adapters/spotify.ts';

/** Playlists held in memory and served in the shape of one access regime, with every call noted. */
export interface FakeSpotify extends Spotify {
  readonly calls: string[];
  readonly playlists: Map<string, FakePlaylist>;
}

export interface FakePlaylist {
  snapshotId: string;
  entries: unknown[];
  /** Not the user's: in regime C the object has no page and `/items` is refused. */
  isForeign?: boolean;
  /** Followed only; the user's own when absent. */
  owner?: string;
  name?: string;
  /** Not in the user's list. */
  isUnlisted?: boolean;
}

/** People in what is served, to be recognised wherever they turn up. */
export const OWNER = { id: 'owner-of-it', display_name: 'Olga Owner' };
export const ADDED_BY = 'listener-who-added-it';

/** The user who consented. */
export const USER = 'the-user';

/** What happens instead of the answer, or before it (undefined: the answer as usual). */
export type Interference = (call: string, number: number, spotify: FakeSpotify) => SpotifyAnswer | undefined;

export const API_URL = 'https://api.spotify.test';

export function fakeSpotify(
  playlists: Record<string, FakePlaylist>,
  { regime = 'C', interfere = () => undefined }: { regime?: 'A' | 'B' | 'C'; interfere?: Interference } = {},
): FakeSpotify {
  const spotify: FakeSpotify = {
    calls: [],
    playlists: new Map(Object.entries(playlists)),
    tally: { calls: {}, retries: 0, waited_ms: 0, bytes: 0 },
    async get(path, query = {}) {
      const place = Number(query.offset) ? `?offset=${query.offset}&limit=${query.limit}` : '';
      const call = `${path}${query.fields === undefined ? place : `?fields=${query.fields}`}`;
      spotify.calls.push(call);
      return interfere(call, spotify.calls.length, spotify) ?? answer(spotify, regime, path, query);
    },
  };
  return spotify;
}

function answer(
  { playlists }: FakeSpotify,
  regime: string,
  path: string,
  query: Record<string, string>,
): SpotifyAnswer {
  const from = Number(query.offset ?? 0);
  if (path === '/v1/me') return ok({ id: USER });
  if (path === '/v1/me/playlists') return ok(listing(playlists, from));
  const saved = playlists.get('savedtracks');
  if (path === '/v1/me/tracks' && saved) return ok(page('savedtracks', saved, 'A', from, Number(query.limit)));
  const [, id = '', endpoint] = /^\/v1\/playlists\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
  const playlist = playlists.get(id);
  if (!playlist) return { outcome: 'gone', reason: 'Resource not found' };
  if (endpoint === undefined && query.fields === 'snapshot_id') return ok({ snapshot_id: playlist.snapshotId });
  if (endpoint === undefined) return ok(playlistObject(id, playlist, regime));
  const isRefused =
    playlist.isForeign || (regime === 'A' ? endpoint === 'items' : regime === 'C' && endpoint === 'tracks');
  if (isRefused) return { outcome: 'forbidden', reason: 'Forbidden' };
  return ok(page(id, playlist, regime, Number(query.offset), Number(query.limit)));
}

function listing(playlists: ReadonlyMap<string, FakePlaylist>, offset: number) {
  const mine = [...playlists].filter(([id, { isUnlisted }]) => !isUnlisted && id !== 'savedtracks');
  const items = mine.slice(offset, offset + 50).map(([id, { snapshotId, owner = USER, name = `Playlist ${id}` }]) => ({
    id,
    name,
    snapshot_id: snapshotId,
    owner: { id: owner },
  }));
  const next = offset + 50 < mine.length ? `${API_URL}/v1/me/playlists?offset=${offset + 50}` : null;
  return { items, offset, limit: 50, total: mine.length, next };
}

function playlistObject(id: string, playlist: FakePlaylist, regime: string) {
  const first = page(id, playlist, regime, 0, 100);
  const pages =
    regime === 'A' ? { tracks: first } : regime === 'B' ? { tracks: first, items: first } : { items: first };
  return {
    id,
    name: `Playlist ${id}`,
    snapshot_id: playlist.snapshotId,
    owner: OWNER,
    ...(playlist.isForeign ? {} : pages),
  };
}

export function page(id: string, { entries }: FakePlaylist, regime: string, offset: number, limit: number) {
  const items = entries.slice(offset, offset + limit).map((entry) => ({
    added_at: '2024-05-06T07:08:09Z',
    added_by: { id: ADDED_BY },
    ...(regime === 'C' ? {} : { track: entry }),
    ...(regime === 'A' ? {} : { item: entry }),
  }));
  const next = offset + limit < entries.length ? `${API_URL}/v1/playlists/${id}/items?offset=${offset + limit}` : null;
  return { items, offset, limit, total: entries.length, next };
}

export const ok = (json: unknown): SpotifyAnswer => ({
  outcome: 'ok',
  json,
  body: new TextEncoder().encode(JSON.stringify(json)),
});

/** So many different tracks, each of an album and an artist of its own. */
export const tracks = (count: number, prefix = 't'): unknown[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'track',
    id: `${prefix}${index}`,
    name: `Track ${prefix}${index}`,
    uri: `spotify:track:${prefix}${index}`,
    duration_ms: 1000 + index,
    album: { id: `al-${prefix}${index}`, name: 'Album', release_date: '2001', artists: [{ id: 'ar', name: 'Artist' }] },
    artists: [{ id: 'ar', name: 'Artist' }],
  }));
