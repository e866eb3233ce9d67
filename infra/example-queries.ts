/** Saved in the workgroup, so that the Athena console starts with something to run. All ask the readers' views. */
export const EXAMPLE_QUERIES: Readonly<Record<string, { readonly description: string; readonly sql: string }>> = {
  Snapshots: {
    description: 'which snapshots there are',
    sql: `select snapshot_date, count(*) as playlists, cast(sum(total) as bigint) as entries
from playlists
group by snapshot_date
order by snapshot_date desc`,
  },
  Left: {
    description: 'what left a playlist since the snapshot before',
    sql: `with dates as (
  select snapshot_date, row_number() over (order by snapshot_date desc) as age
  from published_snapshots
),
latest as (
  select playlist_id, uri from playlist_items
  where snapshot_date = (select snapshot_date from dates where age = 1) and uri is not null
)
select p.name as playlist, i.title, i.artist_names, i.added_at
from playlist_items i
join playlists p on p.playlist_id = i.playlist_id and p.snapshot_date = i.snapshot_date
left join latest l on l.playlist_id = i.playlist_id and l.uri = i.uri
where i.snapshot_date = (select snapshot_date from dates where age = 2) and i.uri is not null and l.uri is null
order by playlist, i.position`,
  },
  TopArtists: {
    description: 'artists with the most entries in the latest snapshot',
    sql: `select a.name, count(*) as entries, count(distinct i.playlist_id) as playlists
from playlist_items i
join track_artists t on t.snapshot_date = i.snapshot_date and t.track_id = i.track_id
join artists a on a.snapshot_date = t.snapshot_date and a.artist_id = t.artist_id
where i.snapshot_date = (select max(snapshot_date) from published_snapshots)
group by a.artist_id, a.name
order by entries desc, a.name
limit 20`,
  },
  Unreadable: {
    description: 'playlists that could not be read',
    sql: `select snapshot_date, playlist_id, status
from playlists
where status <> 'complete'
order by snapshot_date desc, playlist_id`,
  },
  Rejected: {
    description: 'entries that fit no known shape, and why',
    sql: `select snapshot_date, reason, count(*) as entries
from rejected_items
group by snapshot_date, reason
order by snapshot_date desc, entries desc`,
  },
};
