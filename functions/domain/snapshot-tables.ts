import { type Artists, albumRow, artistRow, idOf, trackRow } from './flat-track.ts';
import type { FlatEntry } from './flatten.ts';
import { createIdSet, type IdSet } from './id-set.ts';
import { createTableWriter, type TableWriter } from './parquet.ts';
import type { SpotifyAlbum, SpotifyTrack } from './spotify-schemas.ts';
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
  /** The files that are left, in the order of TABLES; each table has one at least. Made one at a time. */
  finish(): Iterable<TableFile>;
  /** Rows taken so far. */
  rows(): Record<TableName, number>;
}

export interface TableFile {
  readonly table: TableName;
  /** Counted from 0. */
  readonly part: number;
  readonly bytes: Uint8Array;
}

/** Of files that are not ended yet, in all tables. Then the largest is ended, so that a run holds few large ones. */
const UNFINISHED_BYTES = 12 << 20;

export function createSnapshotTables(): SnapshotTables {
  const writers: { readonly [T in TableName]: TableWriter<T> } = {
    playlists: createTableWriter('playlists'),
    playlist_items: createTableWriter('playlist_items'),
    tracks: createTableWriter('tracks'),
    albums: createTableWriter('albums'),
    artists: createTableWriter('artists'),
    rejected_items: createTableWriter('rejected_items'),
  };
  const seen: Record<'tracks' | 'albums' | 'artists', IdSet> = {
    tracks: createIdSet(),
    albums: createIdSet(),
    artists: createIdSet(),
  };
  const parts = new Map<TableName, number>();

  function addTrack(trackId: string, track: SpotifyTrack) {
    if (!seen.tracks.add(trackId)) return;
    writers.tracks.append(trackRow(trackId, track));
    addArtists(track.artists);
    if (track.album) addAlbum(track.album);
  }

  function addAlbum(album: SpotifyAlbum) {
    const albumId = idOf(album.id);
    if (albumId === null || !seen.albums.add(albumId)) return;
    writers.albums.append(albumRow(albumId, album));
    addArtists(album.artists);
  }

  function addArtists(artists: Artists) {
    for (const artist of artists ?? []) {
      const artistId = idOf(artist.id);
      if (artistId !== null && seen.artists.add(artistId)) writers.artists.append(artistRow(artistId, artist));
    }
  }

  return {
    addPlaylist: (row) => writers.playlists.append(row),
    addEntry(entry) {
      if ('rejected' in entry) return writers.rejected_items.append(entry.rejected);
      writers.playlist_items.append(entry.item);
      if (entry.track && entry.item.track_id !== null) addTrack(entry.item.track_id, entry.track);
    },
    take() {
      const bytesOf = (table: TableName) => writers[table].byteLength;
      if (TABLE_NAMES.reduce((sum, table) => sum + bytesOf(table), 0) < UNFINISHED_BYTES) return [];
      const largest = TABLE_NAMES.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
      return [numbered(largest, writers[largest].cut())];
    },
    *finish() {
      for (const table of TABLE_NAMES) {
        const bytes = writers[table].finish();
        if (bytes) yield numbered(table, bytes);
      }
    },
    rows: () =>
      Object.fromEntries(TABLE_NAMES.map((table) => [table, writers[table].rows])) as Record<TableName, number>,
  };

  function numbered(table: TableName, bytes: Uint8Array): TableFile {
    const part = parts.get(table) ?? 0;
    parts.set(table, part + 1);
    return { table, part, bytes };
  }
}
