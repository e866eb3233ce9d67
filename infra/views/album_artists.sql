-- Which artists an album has, in order: one row an element of its list that has an ID.
SELECT
  album.album_id,
  CAST(artist.place - 1 AS integer) AS artist_position,
  artist.artist_id,
  album.snapshot_date
FROM playlist_lake.albums AS album
CROSS JOIN UNNEST(album.artist_ids) WITH ORDINALITY AS artist (artist_id, place)
WHERE artist.artist_id IS NOT NULL
