import { firstReleaseDay } from './dates.ts';
import type { SpotifyAlbum, SpotifyArtist, SpotifyTrack } from './spotify-schemas.ts';
import type { Row } from './tables.ts';

export interface FlatTrack {
  readonly track: Row<'tracks'>;
  /** Those that have an ID, in order. */
  readonly artists: readonly Row<'artists'>[];
  readonly album: FlatAlbum | null;
}

export interface FlatAlbum {
  readonly albumId: string;
  readonly rows: () => { readonly album: Row<'albums'>; readonly artists: readonly Row<'artists'>[] };
}

/** The rows that a track with an ID stands for beside its entry. */
export function flatTrack(trackId: string, track: SpotifyTrack): FlatTrack {
  const album = flatAlbum(track.album);
  return {
    track: {
      track_id: trackId,
      name: wellFormed(track.name),
      album_id: album?.albumId ?? null,
      artist_ids: artistIds(track.artists),
      disc_number: track.disc_number ?? null,
      track_number: track.track_number ?? null,
      duration_ms: track.duration_ms ?? null,
      explicit: track.explicit ?? null,
      isrc: wellFormed(track.external_ids?.isrc),
      popularity: track.popularity ?? null,
      uri: wellFormed(track.uri),
      external_url: wellFormed(track.external_urls?.spotify),
    },
    artists: artistRows(track.artists),
    album,
  };
}

function flatAlbum(album: SpotifyAlbum | null | undefined): FlatAlbum | null {
  const albumId = idOf(album?.id);
  if (!album || albumId === null) return null;
  return { albumId, rows: () => ({ album: albumRow(albumId, album), artists: artistRows(album.artists) }) };
}

const albumRow = (albumId: string, album: SpotifyAlbum): Row<'albums'> => ({
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

type Artists = readonly SpotifyArtist[] | null | undefined;

/** One element an artist, so that its index is the artist's position; null for one without an ID. */
const artistIds = (artists: Artists): (string | null)[] => artists?.map(({ id }) => idOf(id)) ?? [];

/** Artists that have an ID; one without stays in `artist_names` only. */
function artistRows(artists: Artists): Row<'artists'>[] {
  const rows: Row<'artists'>[] = [];
  for (const { id, name, uri, external_urls } of artists ?? []) {
    const artist_id = idOf(id);
    if (artist_id === null) continue;
    const external_url = wellFormed(external_urls?.spotify);
    rows.push({ artist_id, name: wellFormed(name), uri: wellFormed(uri), external_url });
  }
  return rows;
}

/** A lone surrogate has no UTF-8 form and would be changed silently by the encoder: U+FFFD takes its place here. */
export function wellFormed(text: string | null | undefined): string | null {
  return text == null ? null : text.toWellFormed();
}

/** An empty ID is how Spotify says that it does not know. */
export function idOf(text: string | null | undefined): string | null {
  return text ? text.toWellFormed() : null;
}
