import type { Catalogue, DemoAlbum, DemoArtist, DemoEntry, DemoPlaylist, DemoShow, LocalFile } from './catalogue.ts';
import { lookUp } from './catalogue.ts';
import { imageId, isrc, spotifyId } from './spotify-ids.ts';

/**
 * Spotify's objects for one entry of a playlist, with the fields that a Development Mode app made since 2026-02-11 is
 * given: no markets, popularity, labels or followers of artists, and `item` as the wrapper's only key for the entry.
 * Links lead to Spotify's own hosts, so that they are the same whatever port the demo listens on; only pages link here.
 */

const API = 'https://api.spotify.com/v1';

type Kind = Parameters<typeof spotifyId>[0];

function identity(kind: Kind, key: string) {
  const id = spotifyId(kind, key);
  return {
    external_urls: { spotify: `https://open.spotify.com/${kind}/${id}` },
    href: `${API}/${kind}s/${id}`,
    id,
    type: kind,
    uri: `spotify:${kind}:${id}`,
  };
}

/** A user as they stand in `added_by` and `owner`. IDs may hold `#`, and "" when Spotify does not know who it was. */
export function userObject(id: string) {
  const escaped = encodeURIComponent(id);
  return {
    external_urls: { spotify: `https://open.spotify.com/user/${escaped}` },
    href: `${API}/users/${escaped}`,
    id,
    type: 'user',
    uri: `spotify:user:${escaped}`,
  };
}

/** One element of a page's `items`. */
export function wrapperObject(catalogue: Catalogue, playlist: DemoPlaylist, entry: DemoEntry) {
  const addedBy = entry.added_by === undefined ? playlist.owner.id : entry.added_by;
  return {
    added_at: entry.added_at,
    added_by: addedBy === null ? null : userObject(addedBy),
    is_local: 'local' in entry,
    primary_color: null,
    item: entryObject(catalogue, entry),
    video_thumbnail: { url: null },
  };
}

function entryObject(catalogue: Catalogue, entry: DemoEntry) {
  if ('track' in entry) return trackObject(catalogue, entry.track);
  if ('episode' in entry) return episodeObject(catalogue, entry.episode);
  if ('local' in entry) return localObject(entry.local);
  return entry.gone === 'null entry' ? null : deadObject();
}

function trackObject(catalogue: Catalogue, key: string) {
  const { track, album } = lookUp(catalogue.tracks, key);
  return {
    ...identity('track', key),
    album: albumObject(catalogue, album),
    artists: artistObjects(catalogue, track.artists ?? album.artists),
    disc_number: 1,
    duration_ms: track.duration_ms,
    // Spotify really sends these two booleans inside the entry, next to the wrapper keys of the same name.
    episode: false,
    explicit: track.explicit ?? false,
    external_ids: { isrc: isrc(key, album.release_date) },
    ...(track.external_urls && { external_urls: track.external_urls }),
    is_local: false,
    name: track.name,
    preview_url: null,
    track: true,
    track_number: track.track_number,
  };
}

const artistObjects = (catalogue: Catalogue, keys: readonly string[]) =>
  keys.map((key) => artistObject(lookUp(catalogue.artists, key)));

const artistObject = ({ key, name, external_urls }: DemoArtist) => ({
  ...identity('artist', key),
  ...(external_urls && { external_urls }),
  name,
});

const albumObject = (catalogue: Catalogue, album: DemoAlbum) => ({
  ...identity('album', album.key),
  album_type: album.album_type,
  artists: artistObjects(catalogue, album.artists),
  // What was taken down has lost its name and its cover.
  images: album.name === '' ? [] : covers('ab67616d', ['0000b273', '00001e02', '00004851'], `album:${album.key}`),
  name: album.name,
  release_date: album.release_date,
  release_date_precision: precisionOf(album.release_date),
  total_tracks: album.total_tracks,
});

const precisionOf = (date: string): string => (date.length === 4 ? 'year' : date.length === 7 ? 'month' : 'day');

/** Covers come in three sizes, largest first; eight hexadecimal digits of the address stand for the size. */
function covers(family: string, sizes: readonly [string, string, string], key: string) {
  return [640, 300, 64].map((pixels, index) => ({
    height: pixels,
    url: `https://i.scdn.co/image/${family}${sizes[index]}${imageId(key)}`,
    width: pixels,
  }));
}

function episodeObject(catalogue: Catalogue, key: string) {
  const { episode, show } = lookUp(catalogue.episodes, key);
  return {
    ...identity('episode', key),
    audio_preview_url: null,
    description: show.description,
    duration_ms: episode.duration_ms,
    episode: true,
    explicit: false,
    html_description: `<p>${show.description}</p>`,
    images: covers('ab6765630', ['000ba8a', '0005f68', '000f68d'], `episode:${key}`),
    is_externally_hosted: false,
    is_playable: true,
    languages: show.languages,
    name: episode.name,
    release_date: episode.release_date,
    release_date_precision: precisionOf(episode.release_date),
    show: showObject(show),
    track: false,
  };
}

const showObject = (show: DemoShow) => ({
  ...identity('show', show.key),
  copyrights: [],
  description: show.description,
  explicit: false,
  html_description: `<p>${show.description}</p>`,
  images: covers('ab6765630', ['000ba8a', '0005f68', '000f68d'], `show:${show.key}`),
  is_externally_hosted: false,
  languages: show.languages,
  media_type: 'audio',
  name: show.name,
  total_episodes: show.total_episodes,
});

/** A file on the owner's own disk: its texts are known and nothing else, every ID is null. */
function localObject({ artist, album, title, seconds }: LocalFile) {
  // Form encoding: a space is `+`. An unknown part leaves its place between the colons empty.
  const parts = [artist, album, title].map((part) => new URLSearchParams({ part }).toString().slice('part='.length));
  return {
    ...nameless(`spotify:local:${parts.join(':')}:${seconds}`, 'track'),
    album: namelessAlbum(album),
    artists: [{ ...nameless(null, 'artist'), name: artist }],
    ...plainTrack,
    duration_ms: seconds * 1000,
    is_local: true,
    name: title,
  };
}

/** What is left of a track that Spotify has lost: the place, and an address that leads nowhere. */
const deadObject = () => ({
  ...nameless('spotify:track:null', 'track'),
  album: namelessAlbum(''),
  artists: [],
  ...plainTrack,
  duration_ms: 0,
  is_local: false,
  name: '',
});

const nameless = (uri: string | null, type: string) => ({ external_urls: {}, href: null, id: null, type, uri });

const namelessAlbum = (name: string) => ({
  ...nameless(null, 'album'),
  album_type: null,
  artists: [],
  images: [],
  name,
  release_date: null,
  release_date_precision: null,
});

const plainTrack = {
  disc_number: 0,
  episode: false,
  explicit: false,
  external_ids: {},
  preview_url: null,
  track: true,
  track_number: 0,
};
