import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { READERS_DATABASE } from '../reader-views.ts';
import type { LocalAthena } from './athena/athena.ts';
import type { Success } from './report.ts';

/** What the lake says about one published snapshot, asked in SQL through the readers' views. */
export async function snapshotAnswers(
  athena: LocalAthena,
  snapshotDate: string,
): Promise<Pick<Success, 'rows' | 'unreadable' | 'artists'>> {
  const ask = async (sql: string) => (await athena.query({ sql, database: READERS_DATABASE })).rows;
  const here = `snapshot_date = '${snapshotDate}'`;
  const counts = TABLE_NAMES.map((table) => `select '${table}', count(*) from ${table} where ${here}`);
  const rows = await ask(counts.join(' union all '));
  const unreadable = await ask(`select playlist_id, status from playlists where ${here} and status <> 'complete'`);
  const artists = await ask(`
    select a.name, count(*), count(distinct i.playlist_id)
    from playlist_items i
    join track_artists t on t.snapshot_date = i.snapshot_date and t.track_id = i.track_id
    join artists a on a.snapshot_date = t.snapshot_date and a.artist_id = t.artist_id
    where i.${here}
    group by a.artist_id, a.name
    order by count(*) desc, count(distinct i.playlist_id) desc, a.name
    limit 5`);
  return {
    rows: rows.map(([table, count]) => ({ table: String(table), rows: Number(count) })),
    unreadable: unreadable.map(([id, status]) => ({ playlistId: String(id), status: String(status) })),
    artists: artists.map(([name, entries, playlists]) => ({
      name: String(name),
      entries: Number(entries),
      playlists: Number(playlists),
    })),
  };
}
