-- Which artists a track has, in order: one row an element of its list that has an ID.
SELECT
  track.track_id,
  CAST(artist.place - 1 AS integer) AS artist_position,
  artist.artist_id,
  track.snapshot_date
FROM playlist_lake.tracks AS track
CROSS JOIN UNNEST(track.artist_ids) WITH ORDINALITY AS artist (artist_id, place)
WHERE artist.artist_id IS NOT NULL
