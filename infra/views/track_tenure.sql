-- How long a track has been in a playlist: first and last snapshot that has it, in how many it is, and whether the last
-- snapshot of the playlist still has it. A track that left and came back has one row; the weeks without it do not count.
WITH latest AS (
  SELECT playlist_id, max(snapshot_date) AS snapshot_date
  FROM playlist_lake.playlists
  WHERE status = 'complete'
  GROUP BY playlist_id
)
SELECT
  entry.playlist_id,
  entry.track_id,
  max_by(entry.title, entry.snapshot_date) AS title,
  max_by(entry.artist_names, entry.snapshot_date) AS artist_names,
  min(entry.snapshot_date) AS first_seen,
  max(entry.snapshot_date) AS last_seen,
  count(DISTINCT entry.snapshot_date) AS weeks_present,
  max(entry.snapshot_date) = max(latest.snapshot_date) AS is_present
FROM playlist_lake.playlist_items AS entry
JOIN latest ON latest.playlist_id = entry.playlist_id
WHERE entry.track_id IS NOT NULL
GROUP BY entry.playlist_id, entry.track_id
