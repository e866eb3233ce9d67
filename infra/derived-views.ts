import { readFileSync } from 'node:fs';
import type { ColumnType } from '../functions/domain/tables.ts';
import { READERS_DATABASE } from './reader-views.ts';

/**
 * Views over the readers' views: the artists of tracks and albums by row, and what changed from week to week. Each is the
 * SELECT in `views/NAME.sql`, which Athena and DuckDB take as it stands; its columns stand here because a view in the Glue
 * catalogue needs their types. A test holds them against what the SELECT answers. In an order in which they can be made.
 */
export interface DerivedView {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly (readonly [name: string, type: ColumnType | 'bigint'])[];
}

export const DERIVED_VIEWS: readonly DerivedView[] = [
  {
    name: 'track_artists',
    description: 'Which artists a track has, in order: `artist_ids` of `tracks` by row, for joins.',
    columns: [
      ['track_id', 'string'],
      ['artist_position', 'int'],
      ['artist_id', 'string'],
      ['snapshot_date', 'string'],
    ],
  },
  {
    name: 'album_artists',
    description: 'Which artists an album has, in order: `artist_ids` of `albums` by row, for joins.',
    columns: [
      ['album_id', 'string'],
      ['artist_position', 'int'],
      ['artist_id', 'string'],
      ['snapshot_date', 'string'],
    ],
  },
  {
    name: 'latest_playlist_items',
    description: 'What stands in each playlist now: its entries in the last snapshot in which it could be read.',
    columns: [
      ['playlist_id', 'string'],
      ['playlist_name', 'string'],
      ['position', 'int'],
      ['kind', 'string'],
      ['uri', 'string'],
      ['track_id', 'string'],
      ['episode_id', 'string'],
      ['title', 'string'],
      ['artist_names', 'string'],
      ['album_name', 'string'],
      ['show_name', 'string'],
      ['duration_ms', 'int'],
      ['explicit', 'boolean'],
      ['added_at', 'timestamp'],
      ['snapshot_date', 'string'],
    ],
  },
  {
    name: 'playlist_changes',
    description: 'What was added to a playlist, removed from it or moved within it, each week.',
    columns: [
      ['playlist_id', 'string'],
      ['playlist_name', 'string'],
      ['change', 'string'],
      ['kind', 'string'],
      ['uri', 'string'],
      ['title', 'string'],
      ['artist_names', 'string'],
      ['position_before', 'int'],
      ['position_after', 'int'],
      ['previous_date', 'string'],
      ['snapshot_date', 'string'],
    ],
  },
  {
    name: 'track_tenure',
    description: 'How long a track has been in a playlist.',
    columns: [
      ['playlist_id', 'string'],
      ['track_id', 'string'],
      ['title', 'string'],
      ['artist_names', 'string'],
      ['first_seen', 'string'],
      ['last_seen', 'string'],
      ['weeks_present', 'bigint'],
      ['is_present', 'boolean'],
    ],
  },
  {
    name: 'artist_presence',
    description: 'In how many entries an artist is, with how many tracks, in how many playlists.',
    columns: [
      ['artist_id', 'string'],
      ['artist_name', 'string'],
      ['entries', 'bigint'],
      ['tracks', 'bigint'],
      ['playlists', 'bigint'],
      ['snapshot_date', 'string'],
    ],
  },
  {
    name: 'playlist_summary',
    description: 'What each playlist holds, in numbers.',
    columns: [
      ['playlist_id', 'string'],
      ['playlist_name', 'string'],
      ['status', 'string'],
      ['total', 'int'],
      ['entries', 'bigint'],
      ['tracks', 'bigint'],
      ['episodes', 'bigint'],
      ['local_files', 'bigint'],
      ['unavailable', 'bigint'],
      ['different_tracks', 'bigint'],
      ['duration_ms', 'bigint'],
      ['last_added_at', 'timestamp'],
      ['snapshot_date', 'string'],
    ],
  },
];

/** The SELECT of a view, without the comment before it, on a readers' database of this name. */
export const derivedViewSql = ({ name }: Pick<DerivedView, 'name'>, readers = READERS_DATABASE): string =>
  readFileSync(new URL(`views/${name}.sql`, import.meta.url), 'utf8')
    .replace(/^--[^\n]*\n/gm, '')
    .replaceAll(`${READERS_DATABASE}.`, `${readers}.`)
    .trim();
