import { readdir, readFile } from 'node:fs/promises';

/**
 * The demo's own small world, read from the JSON files beside this one. Every artist, title and person is invented. The
 * files name things by keys that a person can read; `spotify-objects.ts` makes IDs and full objects of them.
 */

export interface DemoArtist {
  readonly key: string;
  readonly name: string;
  readonly external_urls?: Record<string, never>;
}

export interface DemoTrack {
  readonly key: string;
  readonly name: string;
  readonly track_number: number;
  readonly duration_ms: number;
  /** Keys of artists; absent: the artists of the album. */
  readonly artists?: readonly string[];
  readonly explicit?: boolean;
  readonly external_urls?: Record<string, never>;
}

export interface DemoAlbum {
  readonly key: string;
  readonly name: string;
  readonly album_type: 'album' | 'single' | 'compilation';
  readonly artists: readonly string[];
  /** As Spotify writes it: a day, a month, a year, "0000" or "". */
  readonly release_date: string;
  readonly total_tracks: number;
  readonly tracks: readonly DemoTrack[];
}

export interface DemoEpisode {
  readonly key: string;
  readonly name: string;
  readonly release_date: string;
  readonly duration_ms: number;
}

export interface DemoShow {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly languages: readonly string[];
  readonly total_episodes: number;
  readonly episodes: readonly DemoEpisode[];
}

export interface LocalFile {
  readonly artist: string;
  readonly album: string;
  readonly title: string;
  readonly seconds: number;
}

/** What stands in a place of a playlist: a track or an episode by its key, a file of the owner's, or what is left. */
export type Standing =
  | { readonly track: string }
  | { readonly episode: string }
  | { readonly local: LocalFile }
  | { readonly gone: 'null entry' | 'dead track' };

export type DemoEntry = Standing & {
  readonly added_at: string | null;
  /** A user ID, "" or null as Spotify gives them; absent: the owner of the playlist. */
  readonly added_by?: string | null;
  /**
   * The entries of a week stand in ascending order of this number. One number is for all eight weeks; eight numbers are
   * one a week, where 0 means that the entry is not in the playlist that week. Gaps are free, for later insertions.
   */
  readonly order: number | readonly number[];
};

export interface DemoImage {
  readonly url: string;
  readonly height: number | null;
  readonly width: number | null;
}

export interface DemoPlaylist {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly owner: { readonly id: string; readonly display_name: string | null };
  /** Whether the demo's user owns it or collaborates on it; the contents of any other playlist are not shown. */
  readonly yours: boolean;
  readonly collaborative: boolean;
  readonly public: boolean | null;
  readonly followers: number;
  readonly images: readonly DemoImage[] | null;
  readonly entries: readonly DemoEntry[];
}

export interface Catalogue {
  readonly artists: ReadonlyMap<string, DemoArtist>;
  readonly tracks: ReadonlyMap<string, { readonly track: DemoTrack; readonly album: DemoAlbum }>;
  readonly episodes: ReadonlyMap<string, { readonly episode: DemoEpisode; readonly show: DemoShow }>;
  /** In the order of their file names. */
  readonly playlists: readonly DemoPlaylist[];
}

const DATA = new URL('./data/', import.meta.url);

/** Reads all data files, about 100 KB. */
export async function readCatalogue(): Promise<Catalogue> {
  const artists: DemoArtist[] = await readJson('artists.json');
  const albums: DemoAlbum[] = await readJson('albums.json');
  const shows: DemoShow[] = await readJson('shows.json');
  const files = (await readdir(new URL('playlists/', DATA))).sort();
  const playlists: DemoPlaylist[] = await Promise.all(files.map((file) => readJson(`playlists/${file}`)));
  return {
    artists: new Map(artists.map((artist) => [artist.key, artist])),
    tracks: new Map(albums.flatMap((album) => album.tracks.map((track) => [track.key, { track, album }]))),
    episodes: new Map(shows.flatMap((show) => show.episodes.map((episode) => [episode.key, { episode, show }]))),
    playlists,
  };
}

async function readJson(path: string) {
  return JSON.parse(await readFile(new URL(path, DATA), 'utf8'));
}

/** What the key stands for; throws an Error that names a key which the data files use and none of them explains. */
export function lookUp<T>(map: ReadonlyMap<string, T>, key: string): T {
  const found = map.get(key);
  if (found === undefined) throw new Error(`demo data: nothing is named ${JSON.stringify(key)}; see demo-spotify/data`);
  return found;
}
