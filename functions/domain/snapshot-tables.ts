import type { FlatEntry, FlatTrack, PlacedArtist } from './flatten.ts';
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
  /** One file a table, in the order of TABLES, empty tables too. */
  finish(): { table: TableName; rows: number; bytes: Uint8Array }[];
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
  const seen = { tracks: new Set<string>(), albums: new Set<string>(), artists: new Set<string>() };

  function addTrack({ track, artists, album }: FlatTrack) {
    if (!isNew(seen.tracks, track.track_id)) return;
    writers.tracks.append(track);
    addArtists(artists);
    for (const { position, row } of artists) {
      writers.track_artists.append({ track_id: track.track_id, artist_position: position, artist_id: row.artist_id });
    }
    if (!album || !isNew(seen.albums, album.row.album_id)) return;
    writers.albums.append(album.row);
    addArtists(album.artists);
    for (const { position, row } of album.artists) {
      writers.album_artists.append({
        album_id: album.row.album_id,
        artist_position: position,
        artist_id: row.artist_id,
      });
    }
  }

  function addArtists(artists: readonly PlacedArtist[]) {
    for (const { row } of artists) if (isNew(seen.artists, row.artist_id)) writers.artists.append(row);
  }

  return {
    addPlaylist: (row) => writers.playlists.append(row),
    addEntry(entry) {
      if ('rejected' in entry) return writers.rejected_items.append(entry.rejected);
      writers.playlist_items.append(entry.item);
      if (entry.track) addTrack(entry.track);
    },
    finish: () => TABLE_NAMES.map((table) => ({ table, rows: writers[table].rows, bytes: writers[table].finish() })),
  };
}

function isNew(seen: Set<string>, id: string): boolean {
  const before = seen.size;
  return seen.add(id).size > before;
}
