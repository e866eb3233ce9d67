import { firstReleaseDay } from './dates.ts';
import type { SpotifyAlbum, SpotifyArtist, SpotifyTrack } from './spotify-schemas.ts';
import type { Row } from './tables.ts';

/** The row of a track that has an ID. */
export const trackRow = (trackId: string, track: SpotifyTrack): Row<'tracks'> => ({
  track_id: trackId,
  name: wellFormed(track.name),
  album_id: idOf(track.album?.id),
  artist_ids: artistIds(track.artists),
  disc_number: track.disc_number ?? null,
  track_number: track.track_number ?? null,
  duration_ms: track.duration_ms ?? null,
  explicit: track.explicit ?? null,
  isrc: wellFormed(track.external_ids?.isrc),
  popularity: track.popularity ?? null,
  uri: wellFormed(track.uri),
  external_url: wellFormed(track.external_urls?.spotify),
});

/** The row of an album that has an ID. */
export const albumRow = (albumId: string, album: SpotifyAlbum): Row<'albums'> => ({
  album_id: albumId,
  name: wellFormed(album.name),
  artist_ids: artistIds(album.artists),
  album_type: wellFormed(album.album_type),
  release_date_text: wellFormed(album.release_date),
  release_date_precision: wellFormed(album.release_date_precision),
  release_date: firstReleaseDay(album.release_date ?? null),
  total_tracks: album.total_tracks ?? null,
  label: wellFormed(album.label),
  popularity: album.popularity ?? null,
  image_url: wellFormed(album.images?.[0]?.url),
  uri: wellFormed(album.uri),
  external_url: wellFormed(album.external_urls?.spotify),
});

/** The row of an artist that has an ID; one without stays in `artist_names` only. */
export const artistRow = (artistId: string, artist: SpotifyArtist): Row<'artists'> => ({
  artist_id: artistId,
  name: wellFormed(artist.name),
  uri: wellFormed(artist.uri),
  external_url: wellFormed(artist.external_urls?.spotify),
});

export type Artists = readonly SpotifyArtist[] | null | undefined;

/** One element an artist, so that its index is the artist's position; null for one without an ID. */
const artistIds = (artists: Artists): (string | null)[] => artists?.map(({ id }) => idOf(id)) ?? [];

/** A lone surrogate has no UTF-8 form and would be changed silently by the encoder: U+FFFD takes its place here. */
export function wellFormed(text: string | null | undefined): string | null {
  return text == null ? null : text.toWellFormed();
}

/** An empty ID is how Spotify says that it does not know. */
export function idOf(text: string | null | undefined): string | null {
  return text ? text.toWellFormed() : null;
}
