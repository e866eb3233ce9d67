import * as z from 'zod';

/**
 * What this project reads of Spotify's answers, and nothing more: unknown fields pass, absent ones become null, a wrong
 * type is refused. Lists of market codes (half of all bytes) are never looked at.
 * Source: Spotify's OpenAPI description and recorded answers of 2014, 2019 and 2026; see docs/decisions.
 */

const INT32_MAX = 2_147_483_647;

/** A count or a length: 0 to 2,147,483,647, so that a column of type int never wraps. */
const count = z.int().min(0).max(INT32_MAX);

/** Absent and null both mean "Spotify did not say". */
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? null);

const text = maybe(z.string());
/** An empty ID is how Spotify says that it does not know. */
const id = text.transform((value) => value || null);
const flag = maybe(z.boolean());
const link = maybe(z.object({ spotify: text }));
const images = maybe(z.array(z.object({ url: text })));

/*
 * Entries are not transformed, so that `accepts` can check them without zod: absent and null are told apart here and
 * made alike in flatten.ts.
 */
const someText = z.string().nullish();
const someCount = count.nullish();
const someFlag = z.boolean().nullish();
const someLink = z.object({ spotify: someText }).nullish();

const Artist = z.object({ id: someText, name: someText, uri: someText, external_urls: someLink });

const Album = z.object({
  id: someText,
  name: someText,
  album_type: someText,
  release_date: someText,
  release_date_precision: someText,
  total_tracks: someCount,
  label: someText,
  popularity: someCount,
  images: z.array(z.object({ url: someText })).nullish(),
  uri: someText,
  external_urls: someLink,
  artists: z.array(Artist).nullish(),
});

/** A track, or a local file, which has the same shape with every ID null. */
export const TrackSchema = z.object({
  id: someText,
  name: someText,
  uri: someText,
  disc_number: someCount,
  track_number: someCount,
  duration_ms: someCount,
  explicit: someFlag,
  is_local: someFlag,
  is_playable: someFlag,
  popularity: someCount,
  external_ids: z.object({ isrc: someText }).nullish(),
  external_urls: someLink,
  linked_from: z.object({ id: someText }).nullish(),
  album: Album.nullish(),
  artists: z.array(Artist).nullish(),
});

export const EpisodeSchema = z.object({
  id: someText,
  name: someText,
  uri: someText,
  duration_ms: someCount,
  explicit: someFlag,
  is_playable: someFlag,
  show: z.object({ name: someText }).nullish(),
});

/** The wrapper around an entry. `item` (since 2026) and `track` (before) both hold the entry itself. */
export const WrapperSchema = z.object({
  added_at: someText,
  added_by: z.object({ id: someText }).nullish(),
  is_local: someFlag,
  item: z.unknown().optional(),
  track: z.unknown().optional(),
});

/** A page of entries. The entries stay unknown: each is checked by itself, so that one bad entry rejects only itself. */
export const PageSchema = z.object({
  items: z.custom<unknown[]>(Array.isArray, 'Invalid input: expected array'),
  offset: count,
  total: count,
  next: z.string().nullable(),
});

/** A playlist object. Its first page is under `items` (since 2026), `tracks` (before) or both; absent if not yours. */
export const PlaylistSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9]+$/),
  snapshot_id: z.string(),
  name: text,
  description: text,
  public: flag,
  collaborative: flag,
  owner: maybe(z.object({ id, display_name: text })),
  followers: maybe(z.object({ total: maybe(count) })),
  images,
  uri: text,
  external_urls: link,
  items: PageSchema.optional(),
  tracks: PageSchema.optional(),
});

/** A playlist object of which only the version was asked for. */
export const VersionSchema = z.object({ snapshot_id: z.string() });

export type SpotifyArtist = z.output<typeof Artist>;
export type SpotifyAlbum = z.output<typeof Album>;
export type SpotifyTrack = z.output<typeof TrackSchema>;
export type SpotifyEpisode = z.output<typeof EpisodeSchema>;
export type SpotifyPage = z.output<typeof PageSchema>;
export type SpotifyPlaylist = z.output<typeof PlaylistSchema>;

/** The first problem zod found, as one line: the field's path and what is wrong with it. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'of an unknown shape';
  return `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`;
}
