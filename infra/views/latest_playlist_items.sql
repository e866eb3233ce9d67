-- What stands in each playlist now: its entries in the last snapshot in which it could be read.
WITH latest AS (
  SELECT playlist_id, max(snapshot_date) AS snapshot_date
  FROM playlist_lake.playlists
  WHERE status = 'complete'
  GROUP BY playlist_id
)
SELECT
  entry.playlist_id,
  playlist.name AS playlist_name,
  entry.position,
  entry.kind,
  entry.uri,
  entry.track_id,
  entry.episode_id,
  entry.title,
  entry.artist_names,
  entry.album_name,
  entry.show_name,
  entry.duration_ms,
  entry.explicit,
  entry.added_at,
  entry.snapshot_date
FROM latest
JOIN playlist_lake.playlists AS playlist
  ON playlist.playlist_id = latest.playlist_id AND playlist.snapshot_date = latest.snapshot_date
JOIN playlist_lake.playlist_items AS entry
  ON entry.playlist_id = latest.playlist_id AND entry.snapshot_date = latest.snapshot_date
