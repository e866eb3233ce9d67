import { type Artists, albumRow, artistRow, idOf, trackRow } from '../../functions/domain/flat-track.ts';
import { type FlatEntry, flattenEntry } from '../../functions/domain/flatten.ts';

/** The rows that entries of one playlist give, by table, without the null columns: what a golden file holds. */
export function rowsOf(entries: readonly unknown[], keepPersonalData = false): Record<string, unknown[]> {
  const rows: Record<string, unknown[]> = {};
  const add = (table: string, row: object) => {
    rows[table] = [...(rows[table] ?? []), readable(row)];
  };
  for (const [position, entry] of entries.entries()) {
    const flat = flattenEntry(entry, { playlistId: 'P', position, keepPersonalData });
    if ('rejected' in flat) add('rejected_items', flat.rejected);
    else addFlat(flat, add);
  }
  return rows;
}

function addFlat({ item, track }: FlatEntry, add: (table: string, row: object) => void) {
  add('playlist_items', item);
  if (!track || item.track_id === null) return;
  add('tracks', trackRow(item.track_id, track));
  for (const row of placed(track.artists)) add('track_artists', row);
  const albumId = idOf(track.album?.id);
  if (!track.album || albumId === null) return;
  add('albums', albumRow(albumId, track.album));
  for (const row of placed(track.album.artists)) add('album_artists', row);
}

/** What the views `track_artists` and `album_artists` give, with the artist's row: one row an ID of the list. */
const placed = (artists: Artists): object[] =>
  (artists ?? []).flatMap((artist, artist_position) => {
    const artistId = idOf(artist.id);
    return artistId === null ? [] : { artist_position, ...artistRow(artistId, artist) };
  });

function readable(row: object): object {
  const cells = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(
    cells.map(([name, value]) => {
      if (!(value instanceof Date)) return [name, value];
      return [name, name === 'release_date' ? value.toISOString().slice(0, 10) : value.toISOString()];
    }),
  );
}
