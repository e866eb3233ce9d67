import { type FlatEntry, flattenEntry } from '../../functions/domain/flatten.ts';
import type { Row } from '../../functions/domain/tables.ts';

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

function addFlat({ item, track: trackRows }: FlatEntry, add: (table: string, row: object) => void) {
  add('playlist_items', item);
  if (!trackRows) return;
  const track = trackRows();
  add('tracks', track.track);
  for (const row of placed(track.track.artist_ids, track.artists)) add('track_artists', row);
  if (!track.album) return;
  const { album, artists } = track.album.rows();
  add('albums', album);
  for (const row of placed(album.artist_ids, artists)) add('album_artists', row);
}

/** What the views `track_artists` and `album_artists` give, with the artist's row: one row an ID of the list. */
function placed(ids: Row<'tracks'>['artist_ids'], artists: readonly Row<'artists'>[]): object[] {
  const placedIds = ids.flatMap((artist_id, artist_position) =>
    artist_id === null ? [] : { artist_position, artist_id },
  );
  return placedIds.map((place, index) => ({ ...place, ...artists[index] }));
}

function readable(row: object): object {
  const cells = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(
    cells.map(([name, value]) => {
      if (!(value instanceof Date)) return [name, value];
      return [name, name === 'release_date' ? value.toISOString().slice(0, 10) : value.toISOString()];
    }),
  );
}
