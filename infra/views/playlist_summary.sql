-- One row a playlist and snapshot: what it holds in numbers. A playlist that could not be read has its status and zeros.
SELECT
  playlist.playlist_id,
  playlist.name AS playlist_name,
  playlist.status,
  playlist.total,
  count(entry.position) AS entries,
  count(CASE WHEN entry.kind = 'track' THEN 1 END) AS tracks,
  count(CASE WHEN entry.kind = 'episode' THEN 1 END) AS episodes,
  count(CASE WHEN entry.kind = 'local' THEN 1 END) AS local_files,
  count(CASE WHEN entry.kind = 'unavailable' THEN 1 END) AS unavailable,
  count(DISTINCT entry.track_id) AS different_tracks,
  coalesce(CAST(sum(entry.duration_ms) AS bigint), 0) AS duration_ms,
  max(entry.added_at) AS last_added_at,
  playlist.snapshot_date
FROM playlist_lake.playlists AS playlist
LEFT JOIN playlist_lake.playlist_items AS entry
  ON entry.playlist_id = playlist.playlist_id AND entry.snapshot_date = playlist.snapshot_date
GROUP BY playlist.playlist_id, playlist.name, playlist.status, playlist.total, playlist.snapshot_date
