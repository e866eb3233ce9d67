import { readFileSync } from 'node:fs';
import type { ColumnType } from '../functions/domain/tables.ts';
import { READERS_DATABASE } from './reader-views.ts';

/**
 * Views over the readers' views that answer what changed from week to week. Each is the SELECT in `views/NAME.sql`, which
 * Athena and DuckDB take as it stands; its columns stand here because a view in the Glue catalogue needs their types.
 * A test holds them against what the SELECT answers. In an order in which they can be made.
 */
export interface HistoryView {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: ColumnType | 'bigint'])[];
}

export const HISTORY_VIEWS: readonly HistoryView[] = [
  {
    name: 'latest_playlist_items',
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
export const historyViewSql = ({ name }: Pick<HistoryView, 'name'>, readers = READERS_DATABASE): string =>
  readFileSync(new URL(`views/${name}.sql`, import.meta.url), 'utf8')
    .replace(/^--[^\n]*\n/gm, '')
    .replaceAll(`${READERS_DATABASE}.`, `${readers}.`)
    .trim();
