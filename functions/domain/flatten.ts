import type * as z from 'zod';
import { addedAt } from './dates.ts';
import { idOf, wellFormed } from './flat-track.ts';
import { quickCheck } from './quick-check.ts';
import {
  EpisodeSchema,
  firstIssue,
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
  /** Present for kind `track` only, not yet made into rows: most entries name a track that was met before. */
  readonly track?: SpotifyTrack;
}

export interface EntryPlace {
  readonly playlistId: string;
  readonly position: number;
  /** Whether to keep who added an entry; personal data, off by default. */
  readonly keepPersonalData: boolean;
}

type Wrapper = z.output<typeof WrapperSchema>;

const isWrapper = quickCheck(WrapperSchema);
const isEpisode = quickCheck(EpisodeSchema);
const isTrack = quickCheck(TrackSchema);
type Item = Row<'playlist_items'>;

/** Flattens one wrapper as Spotify sent it. What fits no shape is rejected, never thrown. */
export function flattenEntry(raw: unknown, place: EntryPlace): FlatEntry | { rejected: Row<'rejected_items'> } {
  if (!isWrapper(raw)) return rejected(raw, whyNot(WrapperSchema, raw), place);
  const added = addedAt(raw.added_at);
  if (added === undefined) return rejected(raw, 'added_at: not an ISO 8601 time in UTC', place);
  // The inner object of a track holds booleans named `track` and `episode`: look at the wrapper's own keys only.
  const entry = raw.item !== undefined ? raw.item : raw.track;
  if (entry === undefined) return rejected(raw, 'neither item nor track is there', place);

  const base = emptyItem(raw, added, place);
  if (entry === null) return { item: base };
  if (typeof entry !== 'object' || Array.isArray(entry)) return rejected(raw, 'the entry is not an object', place);
  const type = 'type' in entry ? entry.type : undefined;
  if (type === 'track') {
    return isTrack(entry) ? trackEntry(base, raw, entry) : rejected(raw, whyNot(TrackSchema, entry), place);
  }
  if (type === 'episode') {
    return isEpisode(entry) ? { item: episodeItem(base, entry) } : rejected(raw, whyNot(EpisodeSchema, entry), place);
  }
  return rejected(raw, `type: ${JSON.stringify(type) ?? 'absent'} is neither track nor episode`, place);
}

function whyNot(schema: z.ZodType, value: unknown): string {
  const { error } = schema.safeParse(value);
  if (!error) throw new Error('zod accepts what the quick check refused');
  return firstIssue(error);
}

/** The entry as JSON text, less who added it unless the configuration keeps that. */
function rejected(raw: unknown, reason: string, { playlistId, position, keepPersonalData }: EntryPlace) {
  const withoutPerson = (key: string, value: unknown) => (key === 'added_by' && !keepPersonalData ? undefined : value);
  const raw_json = (JSON.stringify(raw, withoutPerson) ?? 'null').toWellFormed();
  return { rejected: { playlist_id: playlistId, position, reason, raw_json } };
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
    added_by_id: place.keepPersonalData ? idOf(wrapper.added_by?.id) : null,
    is_playable: null,
    linked_from_id: null,
  };
}

/** The row is filled in rather than copied: it has 16 columns. */
function episodeItem(item: Item, episode: SpotifyEpisode): Item {
  item.kind = idOf(episode.id) === null ? 'unavailable' : 'episode';
  item.uri = wellFormed(episode.uri);
  item.episode_id = idOf(episode.id);
  item.title = wellFormed(episode.name);
  item.show_name = wellFormed(episode.show?.name);
  item.duration_ms = episode.duration_ms ?? null;
  item.explicit = episode.explicit ?? null;
  item.is_playable = episode.is_playable ?? null;
  return item;
}

function trackEntry(item: Item, wrapper: Wrapper, track: SpotifyTrack): FlatEntry {
  const id = idOf(track.id);
  const isLocal = wrapper.is_local === true || track.is_local === true || track.uri?.startsWith('spotify:local:');
  // A track without an ID that is no local file is dead: `spotify:track:null`.
  item.kind = isLocal ? 'local' : id === null ? 'unavailable' : 'track';
  item.uri = wellFormed(track.uri);
  item.track_id = isLocal ? null : id;
  item.title = wellFormed(track.name);
  item.artist_names = artistNames(track.artists);
  item.album_name = wellFormed(track.album?.name);
  item.duration_ms = track.duration_ms ?? null;
  item.explicit = track.explicit ?? null;
  item.is_playable = track.is_playable ?? null;
  item.linked_from_id = idOf(track.linked_from?.id);
  return item.track_id === null ? { item } : { item, track };
}

function artistNames(artists: readonly SpotifyArtist[] | null | undefined): string | null {
  if (!artists) return null;
  if (artists.length === 1) return wellFormed(artists[0]?.name);
  const names = artists.flatMap(({ name }) => name ?? []);
  return names.length > 0 ? wellFormed(names.join(', ')) : null;
}
