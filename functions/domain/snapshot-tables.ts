import type { FlatAlbum, FlatEntry, FlatTrack, PlacedArtist } from './flatten.ts';
import { createIdSet, type IdSet } from './id-set.ts';
import { createTableWriter } from './parquet.ts';
import { type Row, TABLE_NAMES, type TableName } from './tables.ts';

/**
 * Gathers one snapshot's rows into Parquet files. Entries must come in (playlist_id, position) order: where two entries
 * spell the same track, album or artist differently, the first one stays, and that order makes "first" mean the same
 * in every run.
 */
export interface SnapshotTables {
  addPlaylist(row: Row<'playlists'>): void;
  addEntry(entry: FlatEntry | { rejected: Row<'rejected_items'> }): void;
  /** Files that are full, since the last call: to be stored, so that memory does not grow with the snapshot. */
  take(): TableFile[];
  /** The files that are left, in the order of TABLES; each table has one at least. */
  finish(): TableFile[];
  /** Rows taken so far. */
  rows(): Record<TableName, number>;
}

export interface TableFile {
  readonly table: TableName;
  /** Counted from 0. */
  readonly part: number;
  readonly bytes: Uint8Array;
}

export function createSnapshotTables(): SnapshotTables {
  const writers = {
    playlists: createTableWriter('playlists'),
    playlist_items: createTableWriter('playlist_items'),
    tracks: createTableWriter('tracks'),
    albums: createTableWriter('albums'),
    artists: createTableWriter('artists'),
    track_artists: createTableWriter('track_artists'),
    album_artists: createTableWriter('album_artists'),
    rejected_items: createTableWriter('rejected_items'),
  };
  const seen: Record<'tracks' | 'albums' | 'artists', IdSet> = {
    tracks: createIdSet(),
    albums: createIdSet(),
    artists: createIdSet(),
  };
  const parts = new Map<TableName, number>();

  function addTrack(trackId: string, flat: () => FlatTrack) {
    if (!seen.tracks.add(trackId)) return;
    const { track, artists, album } = flat();
    writers.tracks.append(track);
    addArtists(artists);
    for (const { position, row } of artists) {
      writers.track_artists.append({ track_id: trackId, artist_position: position, artist_id: row.artist_id });
    }
    if (album && seen.albums.add(album.albumId)) addAlbum(album);
  }

  function addAlbum({ albumId, rows }: FlatAlbum) {
    const { album, artists } = rows();
    writers.albums.append(album);
    addArtists(artists);
    for (const { position, row } of artists) {
      writers.album_artists.append({ album_id: albumId, artist_position: position, artist_id: row.artist_id });
    }
  }

  function addArtists(artists: readonly PlacedArtist[]) {
    for (const { row } of artists) if (seen.artists.add(row.artist_id)) writers.artists.append(row);
  }

  return {
    addPlaylist: (row) => writers.playlists.append(row),
    addEntry(entry) {
      if ('rejected' in entry) return writers.rejected_items.append(entry.rejected);
      writers.playlist_items.append(entry.item);
      if (entry.track && entry.item.track_id !== null) addTrack(entry.item.track_id, entry.track);
    },
    take: () => TABLE_NAMES.flatMap((table) => numbered(table, writers[table].take())),
    finish: () => TABLE_NAMES.flatMap((table) => numbered(table, writers[table].finish())),
    rows: () =>
      Object.fromEntries(TABLE_NAMES.map((table) => [table, writers[table].rows])) as Record<TableName, number>,
  };

  function numbered(table: TableName, files: readonly Uint8Array[]): TableFile[] {
    const first = parts.get(table) ?? 0;
    parts.set(table, first + files.length);
    return files.map((bytes, index) => ({ table, part: first + index, bytes }));
  }
}
