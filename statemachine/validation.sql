-- The checks that the tables of a run have to pass before readers see them. One query, so that the state machine has one
-- answer to wait for. Written for Athena; the local run and the tests give it to DuckDB as it stands.
--
-- Parameters: the snapshot date and the run, once a table in the order of functions/domain/tables.ts, then the weeks
-- before and the limits (validationParameters makes them). Each table is read with them alone, so Athena opens one
-- partition of it; of playlists also those of the weeks before.
-- Database: the staging tables, which hold every run, published or not.
--
-- Answer: check_name, violations, detail, severity. The first row is all_checks, with the sum of the violations, and
-- the checks that failed with what each found; only when none failed, those that warn. Its severity is the worst that was
-- found. Then one row a check in the order of check_list, with up to three of the keys at fault. A failure stops the publication, a warning does not.
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
    SELECT track_id, album_id, artist_ids FROM tracks WHERE snapshot_date = ? AND run_id = ?
  ),
  run_albums AS (
    SELECT album_id, artist_ids FROM albums WHERE snapshot_date = ? AND run_id = ?
  ),
  run_artists AS (
    SELECT artist_id FROM artists WHERE snapshot_date = ? AND run_id = ?
  ),
  run_rejected_items AS (
    SELECT playlist_id, position, reason, raw_json FROM rejected_items WHERE snapshot_date = ? AND run_id = ?
  ),

  -- What each playlist held when it was last read.
  former_playlists AS (
    SELECT playlist_id, max_by(total, snapshot_date) AS total
    FROM playlists
    WHERE snapshot_date >= ? AND snapshot_date < ? AND status = 'complete'
    GROUP BY playlist_id
  ),
  limits (snapshot_date, oldest_date, max_shrunk_percent, max_rejected_percent) AS (
    SELECT CAST(? AS varchar), CAST(? AS varchar), CAST(? AS bigint), CAST(? AS bigint)
  ),

  -- The data contract: table, column and type, as DuckDB says them. Athena says timestamp(3) and array(varchar).
  -- made by npm run generate: begin
  contract (catalogued_column) AS (
    VALUES
      ('playlists.playlist_id varchar'),
      ('playlists.status varchar'),
      ('playlists.name varchar'),
      ('playlists.description varchar'),
      ('playlists.is_public boolean'),
      ('playlists.is_collaborative boolean'),
      ('playlists.owner_id varchar'),
      ('playlists.owner_name varchar'),
      ('playlists.snapshot_id varchar'),
      ('playlists.total integer'),
      ('playlists.followers integer'),
      ('playlists.image_url varchar'),
      ('playlists.uri varchar'),
      ('playlists.external_url varchar'),
      ('playlists.snapshot_date varchar'),
      ('playlists.run_id varchar'),
      ('playlist_items.playlist_id varchar'),
      ('playlist_items.position integer'),
      ('playlist_items.kind varchar'),
      ('playlist_items.uri varchar'),
      ('playlist_items.track_id varchar'),
      ('playlist_items.episode_id varchar'),
      ('playlist_items.title varchar'),
      ('playlist_items.artist_names varchar'),
      ('playlist_items.album_name varchar'),
      ('playlist_items.show_name varchar'),
      ('playlist_items.duration_ms integer'),
      ('playlist_items.explicit boolean'),
      ('playlist_items.added_at timestamp'),
      ('playlist_items.added_by_id varchar'),
      ('playlist_items.is_playable boolean'),
      ('playlist_items.linked_from_id varchar'),
      ('playlist_items.snapshot_date varchar'),
      ('playlist_items.run_id varchar'),
      ('tracks.track_id varchar'),
      ('tracks.name varchar'),
      ('tracks.album_id varchar'),
      ('tracks.artist_ids varchar[]'),
      ('tracks.disc_number integer'),
      ('tracks.track_number integer'),
      ('tracks.duration_ms integer'),
      ('tracks.explicit boolean'),
      ('tracks.isrc varchar'),
      ('tracks.popularity integer'),
      ('tracks.uri varchar'),
      ('tracks.external_url varchar'),
      ('tracks.snapshot_date varchar'),
      ('tracks.run_id varchar'),
      ('albums.album_id varchar'),
      ('albums.name varchar'),
      ('albums.artist_ids varchar[]'),
      ('albums.album_type varchar'),
      ('albums.release_date_text varchar'),
      ('albums.release_date_precision varchar'),
      ('albums.release_date date'),
      ('albums.total_tracks integer'),
      ('albums.label varchar'),
      ('albums.popularity integer'),
      ('albums.image_url varchar'),
      ('albums.uri varchar'),
      ('albums.external_url varchar'),
      ('albums.snapshot_date varchar'),
      ('albums.run_id varchar'),
      ('artists.artist_id varchar'),
      ('artists.name varchar'),
      ('artists.uri varchar'),
      ('artists.external_url varchar'),
      ('artists.snapshot_date varchar'),
      ('artists.run_id varchar'),
      ('rejected_items.playlist_id varchar'),
      ('rejected_items.position integer'),
      ('rejected_items.reason varchar'),
      ('rejected_items.raw_json varchar'),
      ('rejected_items.snapshot_date varchar'),
      ('rejected_items.run_id varchar')
  ),
  -- made by npm run generate: end

  check_list (check_no, check_name, severity) AS (
    VALUES
      (1, 'snapshot_present', 'failure'),
      (2, 'conservation', 'failure'),
      (3, 'positions', 'failure'),
      (4, 'kinds', 'failure'),
      (5, 'duplicate_playlists', 'failure'),
      (6, 'duplicate_playlist_items', 'failure'),
      (7, 'duplicate_tracks', 'failure'),
      (8, 'duplicate_albums', 'failure'),
      (9, 'duplicate_artists', 'failure'),
      (10, 'duplicate_rejected_items', 'failure'),
      (11, 'null_playlists', 'failure'),
      (12, 'null_playlist_items', 'failure'),
      (13, 'null_tracks', 'failure'),
      (14, 'null_albums', 'failure'),
      (15, 'null_artists', 'failure'),
      (16, 'null_rejected_items', 'failure'),
      (17, 'reference_playlist_items_playlists', 'failure'),
      (18, 'reference_rejected_items_playlists', 'failure'),
      (19, 'reference_playlist_items_tracks', 'failure'),
      (20, 'reference_tracks_albums', 'failure'),
      (21, 'reference_tracks_artists', 'failure'),
      (22, 'reference_albums_artists', 'failure'),
      (23, 'catalogued_types', 'failure'),
      (24, 'rejected_share', 'failure'),
      (25, 'empty_tables', 'warning'),
      (26, 'playlist_shrunk', 'warning'),
      (27, 'snapshot_age', 'warning')
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
    SELECT 'null_tracks', coalesce(track_id, 'null') FROM run_tracks WHERE track_id IS NULL OR artist_ids IS NULL
    UNION ALL
    SELECT 'null_albums', coalesce(album_id, 'null') FROM run_albums WHERE album_id IS NULL OR artist_ids IS NULL
    UNION ALL
    SELECT 'null_artists', 'null' FROM run_artists WHERE artist_id IS NULL
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
    SELECT 'reference_tracks_artists', artist.artist_id
    FROM run_tracks
    CROSS JOIN UNNEST(run_tracks.artist_ids) AS artist (artist_id)
    WHERE artist.artist_id NOT IN (SELECT artist_id FROM run_artists WHERE artist_id IS NOT NULL)
    UNION ALL
    SELECT 'reference_albums_artists', artist.artist_id
    FROM run_albums
    CROSS JOIN UNNEST(run_albums.artist_ids) AS artist (artist_id)
    WHERE artist.artist_id NOT IN (SELECT artist_id FROM run_artists WHERE artist_id IS NOT NULL)

    -- A column of the contract that the catalogue does not have, or has as another type.
    UNION ALL
    SELECT 'catalogued_types', contract.catalogued_column
    FROM contract
    WHERE contract.catalogued_column NOT IN (
      SELECT lower(table_name) || '.' || lower(column_name) || ' '
        || replace(replace(lower(data_type), '(3)', ''), 'array(varchar)', 'varchar[]')
      FROM information_schema.columns
      WHERE table_schema = 'playlist_lake_staging'
    )

    UNION ALL
    SELECT 'rejected_share', CAST(counted.rejected AS varchar) || ' of ' || CAST(counted.entries AS varchar)
    FROM (SELECT count(*) AS entries, count(CASE WHEN source = 'rejected' THEN 1 END) AS rejected FROM entries) AS counted
    CROSS JOIN limits
    WHERE 100 * counted.rejected > limits.max_rejected_percent * counted.entries

    -- Nothing at all, though a playlist says that it has entries: possible, but rarely meant.
    UNION ALL
    SELECT 'empty_tables', filled.table_name
    FROM (
      SELECT 'playlist_items' AS table_name, count(*) AS filled_rows FROM run_playlist_items
      UNION ALL
      SELECT 'tracks', count(*) FROM run_tracks
      UNION ALL
      SELECT 'albums', count(*) FROM run_albums
      UNION ALL
      SELECT 'artists', count(*) FROM run_artists
    ) AS filled
    CROSS JOIN (SELECT max(total) AS total FROM run_playlists) AS counted
    WHERE filled.filled_rows = 0 AND counted.total > 0

    UNION ALL
    SELECT
      'playlist_shrunk',
      p.playlist_id || ' from ' || CAST(former.total AS varchar) || ' to ' || CAST(p.total AS varchar)
    FROM run_playlists AS p
    JOIN former_playlists AS former ON p.playlist_id = former.playlist_id
    CROSS JOIN limits
    WHERE p.status = 'complete' AND 100 * (former.total - p.total) > limits.max_shrunk_percent * former.total

    UNION ALL
    SELECT 'snapshot_age', snapshot_date
    FROM limits
    WHERE snapshot_date < oldest_date
  ),

  checks AS (
    SELECT
      check_list.check_no,
      check_list.check_name,
      check_list.severity,
      count(faults.offender) AS violations,
      coalesce(array_join(min(faults.offender, 3), ', '), '') AS detail
    FROM check_list
    LEFT JOIN faults ON check_list.check_name = faults.check_name
    GROUP BY check_list.check_no, check_list.check_name, check_list.severity
  ),

  -- Each check stands in two lines of the answer: its own and line 0, that of all checks.
  answer_lines AS (
    SELECT
      CASE WHEN part.own_line THEN checks.check_no ELSE 0 END AS line,
      checks.check_no,
      checks.check_name,
      checks.severity,
      checks.violations,
      checks.detail,
      checks.check_name || ' (' || checks.detail || ')' AS finding
    FROM checks
    CROSS JOIN (VALUES (true), (false)) AS part (own_line)
  )

SELECT
  CASE WHEN line = 0 THEN 'all_checks' ELSE max(check_name) END AS check_name,
  coalesce(CAST(sum(CASE WHEN line > 0 OR severity = 'failure' THEN violations END) AS bigint), 0) AS violations,
  CASE
    WHEN line = 0 THEN
      coalesce(
        array_join(array_agg(finding ORDER BY check_no) FILTER (WHERE violations > 0 AND severity = 'failure'), ', '),
        array_join(array_agg(finding ORDER BY check_no) FILTER (WHERE violations > 0), ', '),
        'none'
      )
    ELSE max(detail)
  END AS detail,
  CASE
    WHEN line > 0 THEN max(severity)
    ELSE coalesce(min(CASE WHEN violations > 0 THEN severity END), 'none')
  END AS severity
FROM answer_lines
GROUP BY line
ORDER BY line
