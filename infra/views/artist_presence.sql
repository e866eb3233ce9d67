-- How present an artist is in a snapshot: in how many entries, with how many tracks, in how many playlists.
SELECT
  artist.artist_id,
  artist.name AS artist_name,
  count(*) AS entries,
  count(DISTINCT entry.track_id) AS tracks,
  count(DISTINCT entry.playlist_id) AS playlists,
  entry.snapshot_date
FROM playlist_lake.playlist_items AS entry
JOIN playlist_lake.track_artists AS credit
  ON credit.track_id = entry.track_id AND credit.snapshot_date = entry.snapshot_date
JOIN playlist_lake.artists AS artist
  ON artist.artist_id = credit.artist_id AND artist.snapshot_date = credit.snapshot_date
GROUP BY artist.artist_id, artist.name, entry.snapshot_date
