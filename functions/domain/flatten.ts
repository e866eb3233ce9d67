import type * as z from 'zod';
import { addedAt, firstReleaseDay } from './dates.ts';
import {
  EpisodeSchema,
  firstIssue,
  type SpotifyAlbum,
  type SpotifyArtist,
  type SpotifyEpisode,
  type SpotifyTrack,
  TrackSchema,
  WrapperSchema,
} from './spotify-schemas.ts';
import type { Row } from './tables.ts';

/**
 * One entry of a playlist becomes one row: of `playlist_items`, or of `rejected_items` with the reason. A track that has
 * an ID also names itself, its album and its artists for the other tables.
 */
export interface FlatEntry {
  readonly item: Row<'playlist_items'>;
  /** Present for kind `track` only. */
  readonly track?: FlatTrack;
}

export interface FlatTrack {
  readonly track: Row<'tracks'>;
  readonly artists: readonly PlacedArtist[];
  readonly album: FlatAlbum | null;
}

export interface FlatAlbum {
  readonly row: Row<'albums'>;
  readonly artists: readonly PlacedArtist[];
}

export interface PlacedArtist {
  /** Index among all artists of the track or album, from 0. */
  readonly position: number;
  readonly row: Row<'artists'>;
}

export interface EntryPlace {
  readonly playlistId: string;
  readonly position: number;
  /** Whether to keep who added an entry; personal data, off by default. */
  readonly keepPersonalData: boolean;
}

type Wrapper = z.output<typeof WrapperSchema>;
type Item = Row<'playlist_items'>;

/** Flattens one wrapper as Spotify sent it. What fits no shape is rejected, never thrown. */
export function flattenEntry(raw: unknown, place: EntryPlace): FlatEntry | { rejected: Row<'rejected_items'> } {
  const reject = (reason: string) => ({ rejected: rejectedRow(raw, reason, place) });
  const wrapper = WrapperSchema.safeParse(raw);
  if (!wrapper.success) return reject(firstIssue(wrapper.error));
  const added = addedAt(wrapper.data.added_at);
  if (added === undefined) return reject('added_at: not an ISO 8601 time in UTC');
  const { item, track } = wrapper.data;
  if (item === undefined && track === undefined) return reject('neither item nor track is there');

  const base = emptyItem(wrapper.data, added, place);
  // The inner object of a track holds booleans named `track` and `episode`: look at the wrapper's own keys only.
  const entry = item !== undefined ? item : track;
  if (entry === null) return { item: base };
  if (typeof entry !== 'object' || Array.isArray(entry)) return reject('the entry is not an object');
  const type = 'type' in entry ? entry.type : undefined;
  if (type === 'episode') {
    const episode = EpisodeSchema.safeParse(entry);
    return episode.success ? { item: episodeItem(base, episode.data) } : reject(firstIssue(episode.error));
  }
  if (type !== 'track') return reject(`type: ${JSON.stringify(type) ?? 'absent'} is neither track nor episode`);
  const parsed = TrackSchema.safeParse(entry);
  return parsed.success ? trackEntry(base, wrapper.data, parsed.data) : reject(firstIssue(parsed.error));
}

/** The entry as JSON text, less who added it unless the configuration keeps that. */
function rejectedRow(raw: unknown, reason: string, { playlistId, position, keepPersonalData }: EntryPlace) {
  const withoutPerson = (key: string, value: unknown) => (key === 'added_by' && !keepPersonalData ? undefined : value);
  const raw_json = wellFormed(JSON.stringify(raw, withoutPerson));
  return { playlist_id: playlistId, position, reason, raw_json };
}

function emptyItem(wrapper: Wrapper, added: Date | null, place: EntryPlace): Item {
  return {
    playlist_id: place.playlistId,
    position: place.position,
    kind: 'unavailable',
    uri: null,
    track_id: null,
    episode_id: null,
    title: null,
    artist_names: null,
    album_name: null,
    show_name: null,
    duration_ms: null,
    explicit: null,
    added_at: added,
    added_by_id: place.keepPersonalData ? wellFormed(wrapper.added_by?.id ?? null) : null,
    is_playable: null,
    linked_from_id: null,
  };
}

const episodeItem = (base: Item, episode: SpotifyEpisode): Item => ({
  ...base,
  kind: episode.id === null ? 'unavailable' : 'episode',
  uri: wellFormed(episode.uri),
  episode_id: wellFormed(episode.id),
  title: wellFormed(episode.name),
  show_name: wellFormed(episode.show?.name ?? null),
  duration_ms: episode.duration_ms,
  explicit: episode.explicit,
  is_playable: episode.is_playable,
});

function trackEntry(base: Item, wrapper: Wrapper, track: SpotifyTrack): FlatEntry {
  const isLocal = wrapper.is_local === true || track.is_local === true || track.uri?.startsWith('spotify:local:');
  const item: Item = {
    ...base,
    // A track without an ID that is no local file is dead: `spotify:track:null`.
    kind: isLocal ? 'local' : track.id === null ? 'unavailable' : 'track',
    uri: wellFormed(track.uri),
    track_id: isLocal ? null : wellFormed(track.id),
    title: wellFormed(track.name),
    artist_names: artistNames(track.artists),
    album_name: wellFormed(track.album?.name ?? null),
    duration_ms: track.duration_ms,
    explicit: track.explicit,
    is_playable: track.is_playable,
    linked_from_id: wellFormed(track.linked_from?.id ?? null),
  };
  return item.track_id === null ? { item } : { item, track: flatTrack(item.track_id, track) };
}

function artistNames(artists: readonly SpotifyArtist[] | null): string | null {
  const names = (artists ?? []).flatMap(({ name }) => (name === null ? [] : [name]));
  return names.length > 0 ? wellFormed(names.join(', ')) : null;
}

function flatTrack(trackId: string, track: SpotifyTrack): FlatTrack {
  const trackArtists = withId(track.artists);
  const album = flatAlbum(track.album);
  return {
    track: {
      track_id: trackId,
      name: wellFormed(track.name),
      album_id: album?.row.album_id ?? null,
      disc_number: track.disc_number,
      track_number: track.track_number,
      duration_ms: track.duration_ms,
      explicit: track.explicit,
      isrc: wellFormed(track.external_ids?.isrc ?? null),
      popularity: track.popularity,
      uri: wellFormed(track.uri),
      external_url: wellFormed(track.external_urls?.spotify ?? null),
    },
    artists: trackArtists,
    album,
  };
}

function flatAlbum(album: SpotifyAlbum | null): FlatAlbum | null {
  const albumId = wellFormed(album?.id ?? null);
  if (album === null || albumId === null) return null;
  return {
    row: {
      album_id: albumId,
      name: wellFormed(album.name),
      album_type: wellFormed(album.album_type),
      release_date_text: wellFormed(album.release_date),
      release_date_precision: wellFormed(album.release_date_precision),
      release_date: firstReleaseDay(album.release_date),
      total_tracks: album.total_tracks,
      label: wellFormed(album.label),
      popularity: album.popularity,
      image_url: wellFormed(album.images?.[0]?.url ?? null),
      uri: wellFormed(album.uri),
      external_url: wellFormed(album.external_urls?.spotify ?? null),
    },
    artists: withId(album.artists),
  };
}

/** Artists that have an ID, each with its place among all of them; one without an ID stays in `artist_names` only. */
function withId(artists: readonly SpotifyArtist[] | null): PlacedArtist[] {
  return (artists ?? []).flatMap((artist, position) => {
    const artistId = wellFormed(artist.id);
    if (artistId === null) return [];
    const external_url = wellFormed(artist.external_urls?.spotify ?? null);
    return [
      {
        position,
        row: { artist_id: artistId, name: wellFormed(artist.name), uri: wellFormed(artist.uri), external_url },
      },
    ];
  });
}

/** A lone surrogate has no UTF-8 form and would be changed silently by the encoder: U+FFFD takes its place here. */
function wellFormed<T extends string | null>(text: T): T {
  return (text === null ? null : text.toWellFormed()) as T;
}
