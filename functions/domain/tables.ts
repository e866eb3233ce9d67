/**
 * The tables of the lake as data: the one place that says which columns there are. The Parquet writer, the row types,
 * the local catalogue, the readers' views and `docs/data-contract.md` all come from here.
 *
 * Every table is partitioned by `snapshot_date` (the week) and `run_id` (which run wrote it); neither is stored in the
 * files. Readers see the tables through views that show the published run of a date only, without `run_id`.
 *
 * One file, although it is long: it is a list, read as one.
 */

/**
 * Athena's own type names, but for `strings`: a list of texts, of which any may be null. `timestamp` is in UTC with
 * milliseconds, `date` has no time.
 */
export type ColumnType = 'string' | 'int' | 'boolean' | 'date' | 'timestamp' | 'strings';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** What it means, in words a person who writes SQL needs. */
  readonly description: string;
  /** Where it comes from in Spotify's answer, or how it is made. */
  readonly source: string;
  /** What this text ends in as a rule, and is stored without. */
  readonly ending?: Ending;
}

/**
 * Columns of the same row, of which the first one that is not null stands at a text's end too, and what is stored in its
 * place: `{id}` for an ID, `{date}` for a date as YYYY-MM-DD. See stored-text.ts.
 */
export interface Ending {
  readonly mark: '{id}' | '{date}';
  readonly columns: readonly string[];
}

export interface Table {
  readonly description: string;
  /** The columns that name a row within one snapshot. */
  readonly key: readonly string[];
  readonly columns: readonly Column[];
}

const required = <N extends string, T extends ColumnType>(name: N, type: T, source: string, description: string) =>
  ({ name, type, nullable: false, source, description }) as const;
const optional = <N extends string, T extends ColumnType>(name: N, type: T, source: string, description: string) =>
  ({ name, type, nullable: true, source, description }) as const;
/** Text in which the row's ID stands again. */
const link = <N extends string>(columns: readonly string[], name: N, source: string, description: string) =>
  ({ ...optional(name, 'string', source, description), ending: { mark: '{id}', columns } }) as const;

export const PARTITION_COLUMNS = [
  required('snapshot_date', 'string', 'the run', 'The date the snapshot stands for, YYYY-MM-DD.'),
  required('run_id', 'string', 'the run', 'The name of the execution that read it from Spotify.'),
] as const;

export const TABLES = {
  playlists: {
    description: 'One row a playlist that was asked for, readable or not.',
    key: ['playlist_id'],
    columns: [
      required('playlist_id', 'string', 'id', 'Spotify ID of the playlist.'),
      required('status', 'string', 'the answer', 'complete, gone (404), forbidden (403) or not_yours (no contents).'),
      optional('name', 'string', 'name', 'Name; null when it could not be read.'),
      optional('description', 'string', 'description', 'Description as the owner wrote it; may hold HTML.'),
      optional(
        'is_public',
        'boolean',
        'public',
        'Whether it is on the owner’s profile; null when Spotify says nothing.',
      ),
      optional('is_collaborative', 'boolean', 'collaborative', 'Whether others may edit it.'),
      optional('owner_id', 'string', 'owner.id', 'Personal data: null unless the configuration keeps it.'),
      optional('owner_name', 'string', 'owner.display_name', 'Personal data: null unless the configuration keeps it.'),
      optional('snapshot_id', 'string', 'snapshot_id', 'Spotify’s version of the playlist when it was read.'),
      optional(
        'total',
        'int',
        'items.total or tracks.total',
        'How many entries Spotify counts; null when not readable.',
      ),
      optional('followers', 'int', 'followers.total', 'How many people follow it.'),
      optional('image_url', 'string', 'images[0].url', 'Cover.'),
      link(['playlist_id'], 'uri', 'uri', 'Spotify URI.'),
      link(['playlist_id'], 'external_url', 'external_urls.spotify', 'Link back to Spotify.'),
    ],
  },
  playlist_items: {
    description: 'One row an entry of a playlist, in its order. The same track may stand in it twice.',
    key: ['playlist_id', 'position'],
    columns: [
      required('playlist_id', 'string', 'id', 'Spotify ID of the playlist.'),
      required('position', 'int', 'offset + index', 'Place in the playlist, counted from 0 as Spotify counts offsets.'),
      required('kind', 'string', 'type, is_local', 'track, episode, local or unavailable.'),
      link(['track_id', 'episode_id'], 'uri', 'item.uri', 'Spotify URI of what stands here.'),
      optional('track_id', 'string', 'item.id', 'Spotify ID of the track; null for every other kind.'),
      optional('episode_id', 'string', 'item.id', 'Spotify ID of the episode; null for every other kind.'),
      optional('title', 'string', 'item.name', 'Name of the track, episode or local file.'),
      optional('artist_names', 'string', 'item.artists[].name', 'All artists in order, with “, ” between them.'),
      optional('album_name', 'string', 'item.album.name', 'Name of the album.'),
      optional('show_name', 'string', 'item.show.name', 'Name of the episode’s show.'),
      optional('duration_ms', 'int', 'item.duration_ms', 'Length in milliseconds.'),
      optional('explicit', 'boolean', 'item.explicit', 'Whether it is marked as explicit.'),
      optional(
        'added_at',
        'timestamp',
        'added_at',
        'When it was added, UTC; null where Spotify does not know (1970 too).',
      ),
      optional('added_by_id', 'string', 'added_by.id', 'Personal data: null unless the configuration keeps it.'),
      optional(
        'is_playable',
        'boolean',
        'item.is_playable',
        'Playable in the market asked for; null without a market.',
      ),
      optional(
        'linked_from_id',
        'string',
        'item.linked_from.id',
        'The track that was added, when Spotify relinked it.',
      ),
    ],
  },
  tracks: {
    description: 'One row a track. When a run meets two spellings, the first in (playlist_id, position) order stays.',
    key: ['track_id'],
    columns: [
      required('track_id', 'string', 'item.id', 'Spotify ID of the track.'),
      optional('name', 'string', 'item.name', 'Title.'),
      optional('album_id', 'string', 'item.album.id', 'Spotify ID of its album.'),
      required(
        'artist_ids',
        'strings',
        'item.artists[].id',
        'IDs of its artists in order; null in the place of one without an ID.',
      ),
      optional('disc_number', 'int', 'item.disc_number', 'Disc, from 1.'),
      optional('track_number', 'int', 'item.track_number', 'Place on the disc, from 1.'),
      optional('duration_ms', 'int', 'item.duration_ms', 'Length in milliseconds.'),
      optional('explicit', 'boolean', 'item.explicit', 'Whether it is marked as explicit.'),
      optional('isrc', 'string', 'item.external_ids.isrc', 'International Standard Recording Code.'),
      optional('popularity', 'int', 'item.popularity', '0 to 100; null where the app is not shown it.'),
      link(['track_id'], 'uri', 'item.uri', 'Spotify URI.'),
      link(['track_id'], 'external_url', 'item.external_urls.spotify', 'Link back to Spotify.'),
    ],
  },
  albums: {
    description: 'One row an album of a track. The first spelling in (playlist_id, position) order stays.',
    key: ['album_id'],
    columns: [
      required('album_id', 'string', 'item.album.id', 'Spotify ID of the album.'),
      optional('name', 'string', 'item.album.name', 'Name; empty for some that were taken down.'),
      required(
        'artist_ids',
        'strings',
        'item.album.artists[].id',
        'IDs of its artists in order; null in the place of one without an ID.',
      ),
      optional('album_type', 'string', 'item.album.album_type', 'album, single or compilation.'),
      {
        ...optional('release_date_text', 'string', 'item.album.release_date', 'The release date as Spotify wrote it.'),
        ending: { mark: '{date}', columns: ['release_date'] },
      },
      optional('release_date_precision', 'string', 'item.album.release_date_precision', 'year, month or day.'),
      optional(
        'release_date',
        'date',
        'release_date by its length',
        'First day it can mean; null where none can be told.',
      ),
      optional('total_tracks', 'int', 'item.album.total_tracks', 'How many tracks the album has.'),
      optional('label', 'string', 'item.album.label', 'Record label; null where the app is not shown it.'),
      optional('popularity', 'int', 'item.album.popularity', '0 to 100; null where the app is not shown it.'),
      optional('image_url', 'string', 'item.album.images[0].url', 'Cover.'),
      link(['album_id'], 'uri', 'item.album.uri', 'Spotify URI.'),
      link(['album_id'], 'external_url', 'item.album.external_urls.spotify', 'Link back to Spotify.'),
    ],
  },
  artists: {
    description: 'One row an artist of a track or an album. The first spelling in (playlist_id, position) order stays.',
    key: ['artist_id'],
    columns: [
      required('artist_id', 'string', 'artists[].id', 'Spotify ID of the artist.'),
      optional('name', 'string', 'artists[].name', 'Name.'),
      link(['artist_id'], 'uri', 'artists[].uri', 'Spotify URI.'),
      link(['artist_id'], 'external_url', 'artists[].external_urls.spotify', 'Link back to Spotify.'),
    ],
  },
  rejected_items: {
    description: 'One row an entry that fits no known shape. Nothing that Spotify counted is dropped silently.',
    key: ['playlist_id', 'position'],
    columns: [
      required('playlist_id', 'string', 'id', 'Spotify ID of the playlist.'),
      required('position', 'int', 'offset + index', 'Place in the playlist, counted from 0.'),
      required('reason', 'string', 'the check that failed', 'The field and what is wrong with it.'),
      required('raw_json', 'string', 'the entry', 'The entry as JSON text.'),
    ],
  },
} as const satisfies Record<string, Table>;

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** Tables of earlier contracts. Nothing writes or reads them; what is left of their files goes with their run. */
export const FORMER_TABLES = ['track_artists', 'album_artists'] as const;
export type FormerTable = (typeof FORMER_TABLES)[number];

interface TypeScriptTypes {
  string: string;
  int: number;
  boolean: boolean;
  /** Days are whole: midnight UTC. */
  date: Date;
  timestamp: Date;
  strings: readonly (string | null)[];
}

type Value<C extends Column> = C['nullable'] extends true
  ? TypeScriptTypes[C['type']] | null
  : TypeScriptTypes[C['type']];

/** A row of a table as the writer takes it: every column is there, null where the contract allows it. */
export type Row<T extends TableName> = {
  [C in (typeof TABLES)[T]['columns'][number] as C['name']]: Value<C>;
};
