-- The checks that the tables of a run have to pass before readers see them. One query, so that the state machine has one
-- answer to wait for. Written for Athena; the local run and the tests give it to DuckDB as it stands.
--
-- Parameters: the snapshot date and the run, once a table in the order of functions/domain/tables.ts
-- (validationParameters makes them). Each table is read with them alone, so Athena opens one partition of it.
-- Database: the staging tables, which hold every run, published or not.
--
-- Answer: check_name, violations, detail. The first row is all_checks, with the sum of the violations and the names of
-- the checks that failed. Then one row a check in the order of check_list, with up to three of the keys at fault.
-- A violation is one row, one key or one playlist at fault; a fault counts in one check only, as far as that goes.
--
-- Athena writes a WITH query out wherever it is named and bounds the number of stages, so no check reads a table more
-- often than it must.
WITH
  run_playlists AS (
    SELECT playlist_id, status, total FROM playlists WHERE snapshot_date = ? AND run_id = ?
  ),
  run_playlist_items AS (
    SELECT playlist_id, position, kind, track_id, episode_id FROM playlist_items WHERE snapshot_date = ? AND run_id = ?
  ),
  run_tracks AS (
    SELECT track_id, album_id FROM tracks WHERE snapshot_date = ? AND run_id = ?
  ),
  run_albums AS (
    SELECT album_id FROM albums WHERE snapshot_date = ? AND run_id = ?
  ),
  run_artists AS (
    SELECT artist_id FROM artists WHERE snapshot_date = ? AND run_id = ?
  ),
  run_track_artists AS (
    SELECT track_id, artist_position, artist_id FROM track_artists WHERE snapshot_date = ? AND run_id = ?
  ),
  run_album_artists AS (
    SELECT album_id, artist_position, artist_id FROM album_artists WHERE snapshot_date = ? AND run_id = ?
  ),
  run_rejected_items AS (
    SELECT playlist_id, position, reason, raw_json FROM rejected_items WHERE snapshot_date = ? AND run_id = ?
  ),

  check_list (check_no, check_name) AS (
    VALUES
      (1, 'snapshot_present'),
      (2, 'conservation'),
      (3, 'positions'),
      (4, 'kinds'),
      (5, 'duplicate_playlists'),
      (6, 'duplicate_playlist_items'),
      (7, 'duplicate_tracks'),
      (8, 'duplicate_albums'),
      (9, 'duplicate_artists'),
      (10, 'duplicate_track_artists'),
      (11, 'duplicate_album_artists'),
      (12, 'duplicate_rejected_items'),
      (13, 'null_playlists'),
      (14, 'null_playlist_items'),
      (15, 'null_tracks'),
      (16, 'null_albums'),
      (17, 'null_artists'),
      (18, 'null_track_artists'),
      (19, 'null_album_artists'),
      (20, 'null_rejected_items'),
      (21, 'reference_playlist_items_playlists'),
      (22, 'reference_rejected_items_playlists'),
      (23, 'reference_playlist_items_tracks'),
      (24, 'reference_tracks_albums'),
      (25, 'reference_track_artists_tracks'),
      (26, 'reference_track_artists_artists'),
      (27, 'reference_album_artists_albums'),
      (28, 'reference_album_artists_artists')
  ),

  -- Every entry that Spotify counted is an item or a rejected item.
  entries AS (
    SELECT playlist_id, position, 'item' AS source FROM run_playlist_items WHERE playlist_id IS NOT NULL
    UNION ALL
    SELECT playlist_id, position, 'rejected' AS source FROM run_rejected_items WHERE playlist_id IS NOT NULL
  ),
  entry_counts AS (
    SELECT playlist_id, count(*) AS entries FROM entries GROUP BY playlist_id
  ),
  entry_positions AS (
    SELECT playlist_id, position, CASE WHEN min(source) <> max(source) THEN 1 ELSE 0 END AS taken_twice
    FROM entries
    WHERE position IS NOT NULL
    GROUP BY playlist_id, position
  ),

  faults (check_name, offender) AS (
    SELECT 'snapshot_present', 'no playlist'
    FROM (SELECT count(*) AS playlists FROM run_playlists) AS counted
    WHERE playlists = 0

    -- A readable playlist has as many entries as the total that Spotify gave; any other has no total and no entries.
    UNION ALL
    SELECT 'conservation', p.playlist_id
    FROM run_playlists AS p
    LEFT JOIN entry_counts AS e ON p.playlist_id = e.playlist_id
    WHERE p.playlist_id IS NOT NULL
      AND p.status IS NOT NULL
      AND CASE
        WHEN p.status = 'complete' THEN coalesce(p.total, -1) <> coalesce(e.entries, 0)
        ELSE coalesce(p.total, e.entries) IS NOT NULL
      END

    -- The positions of a playlist are 0, 1, 2, … without a gap, and none is both an item and rejected.
    UNION ALL
    SELECT 'positions', playlist_id
    FROM entry_positions
    GROUP BY playlist_id
    HAVING min(position) <> 0 OR max(position) <> count(*) - 1 OR max(taken_twice) = 1

    UNION ALL
    SELECT 'kinds', coalesce(playlist_id, 'null') || '/' || coalesce(CAST(position AS varchar), 'null')
    FROM run_playlist_items
    WHERE kind IS NOT NULL
      AND CASE kind
        WHEN 'track' THEN track_id IS NULL OR episode_id IS NOT NULL
        WHEN 'episode' THEN track_id IS NOT NULL
        WHEN 'local' THEN coalesce(track_id, episode_id) IS NOT NULL
        WHEN 'unavailable' THEN coalesce(track_id, episode_id) IS NOT NULL
        ELSE true
      END

    UNION ALL
    SELECT 'duplicate_playlists', playlist_id
    FROM run_playlists
    WHERE playlist_id IS NOT NULL
    GROUP BY playlist_id
    HAVING count(*) > 1
    UNION ALL
    SELECT 'duplicate_playlist_items', playlist_id || '/' || CAST(position AS varchar)
    FROM run_playlist_items
    WHERE playlist_id IS NOT NULL AND position IS NOT NULL
    GROUP BY playlist_id, position
    HAVING count(*) > 1
    UNION ALL
    SELECT 'duplicate_tracks', track_id
    FROM run_tracks
    WHERE track_id IS NOT NULL
    GROUP BY track_id
    HAVING count(*) > 1
    UNION ALL
    SELECT 'duplicate_albums', album_id
    FROM run_albums
    WHERE album_id IS NOT NULL
    GROUP BY album_id
    HAVING count(*) > 1
    UNION ALL
    SELECT 'duplicate_artists', artist_id
    FROM run_artists
    WHERE artist_id IS NOT NULL
    GROUP BY artist_id
    HAVING count(*) > 1
    UNION ALL
    SELECT 'duplicate_track_artists', track_id || '/' || CAST(artist_position AS varchar)
    FROM run_track_artists
    WHERE track_id IS NOT NULL AND artist_position IS NOT NULL
    GROUP BY track_id, artist_position
    HAVING count(*) > 1
    UNION ALL
    SELECT 'duplicate_album_artists', album_id || '/' || CAST(artist_position AS varchar)
    FROM run_album_artists
    WHERE album_id IS NOT NULL AND artist_position IS NOT NULL
    GROUP BY album_id, artist_position
    HAVING count(*) > 1
    UNION ALL
    SELECT 'duplicate_rejected_items', playlist_id || '/' || CAST(position AS varchar)
    FROM run_rejected_items
    WHERE playlist_id IS NOT NULL AND position IS NOT NULL
    GROUP BY playlist_id, position
    HAVING count(*) > 1

    -- The columns that the data contract calls required.
    UNION ALL
    SELECT 'null_playlists', coalesce(playlist_id, 'null')
    FROM run_playlists
    WHERE playlist_id IS NULL OR status IS NULL
    UNION ALL
    SELECT 'null_playlist_items', coalesce(playlist_id, 'null') || '/' || coalesce(CAST(position AS varchar), 'null')
    FROM run_playlist_items
    WHERE playlist_id IS NULL OR position IS NULL OR kind IS NULL
    UNION ALL
    SELECT 'null_tracks', 'null' FROM run_tracks WHERE track_id IS NULL
    UNION ALL
    SELECT 'null_albums', 'null' FROM run_albums WHERE album_id IS NULL
    UNION ALL
    SELECT 'null_artists', 'null' FROM run_artists WHERE artist_id IS NULL
    UNION ALL
    SELECT 'null_track_artists', coalesce(track_id, 'null') || '/' || coalesce(CAST(artist_position AS varchar), 'null')
    FROM run_track_artists
    WHERE track_id IS NULL OR artist_position IS NULL OR artist_id IS NULL
    UNION ALL
    SELECT 'null_album_artists', coalesce(album_id, 'null') || '/' || coalesce(CAST(artist_position AS varchar), 'null')
    FROM run_album_artists
    WHERE album_id IS NULL OR artist_position IS NULL OR artist_id IS NULL
    UNION ALL
    SELECT 'null_rejected_items', coalesce(playlist_id, 'null') || '/' || coalesce(CAST(position AS varchar), 'null')
    FROM run_rejected_items
    WHERE playlist_id IS NULL OR position IS NULL OR reason IS NULL OR raw_json IS NULL

    -- An id that points nowhere. A null id is not one.
    UNION ALL
    SELECT 'reference_playlist_items_playlists', playlist_id
    FROM run_playlist_items
    WHERE playlist_id NOT IN (SELECT playlist_id FROM run_playlists WHERE playlist_id IS NOT NULL)
    UNION ALL
    SELECT 'reference_rejected_items_playlists', playlist_id
    FROM run_rejected_items
    WHERE playlist_id NOT IN (SELECT playlist_id FROM run_playlists WHERE playlist_id IS NOT NULL)
    UNION ALL
    SELECT 'reference_playlist_items_tracks', track_id
    FROM run_playlist_items
    WHERE track_id NOT IN (SELECT track_id FROM run_tracks WHERE track_id IS NOT NULL)
    UNION ALL
    SELECT 'reference_tracks_albums', album_id
    FROM run_tracks
    WHERE album_id NOT IN (SELECT album_id FROM run_albums WHERE album_id IS NOT NULL)
    UNION ALL
    SELECT 'reference_track_artists_tracks', track_id
    FROM run_track_artists
    WHERE track_id NOT IN (SELECT track_id FROM run_tracks WHERE track_id IS NOT NULL)
    UNION ALL
    SELECT 'reference_track_artists_artists', artist_id
    FROM run_track_artists
    WHERE artist_id NOT IN (SELECT artist_id FROM run_artists WHERE artist_id IS NOT NULL)
    UNION ALL
    SELECT 'reference_album_artists_albums', album_id
    FROM run_album_artists
    WHERE album_id NOT IN (SELECT album_id FROM run_albums WHERE album_id IS NOT NULL)
    UNION ALL
    SELECT 'reference_album_artists_artists', artist_id
    FROM run_album_artists
    WHERE artist_id NOT IN (SELECT artist_id FROM run_artists WHERE artist_id IS NOT NULL)
  ),

  checks AS (
    SELECT
      check_list.check_no,
      check_list.check_name,
      count(faults.offender) AS violations,
      coalesce(array_join(min(faults.offender, 3), ', '), '') AS detail
    FROM check_list
    LEFT JOIN faults ON check_list.check_name = faults.check_name
    GROUP BY check_list.check_no, check_list.check_name
  ),

  -- Each check stands in two lines of the answer: its own and line 0, that of all checks.
  answer_lines AS (
    SELECT
      CASE WHEN part.own_line THEN checks.check_no ELSE 0 END AS line,
      checks.check_no,
      checks.check_name,
      checks.violations,
      checks.detail
    FROM checks
    CROSS JOIN (VALUES (true), (false)) AS part (own_line)
  )

SELECT
  CASE WHEN line = 0 THEN 'all_checks' ELSE max(check_name) END AS check_name,
  CAST(sum(violations) AS bigint) AS violations,
  CASE
    WHEN line = 0 THEN
      coalesce(array_join(array_agg(check_name ORDER BY check_no) FILTER (WHERE violations > 0), ', '), 'none')
    ELSE max(detail)
  END AS detail
FROM answer_lines
GROUP BY line
ORDER BY line
