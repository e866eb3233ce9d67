-- What was added to a playlist, removed from it or moved within it, each week against the last week before in which it
-- could be read. The first week of a playlist has no changes.
--
-- An entry is known by its URI, and by its kind where it has none; when it stands there more than once, the first one is
-- held against the first one. It has moved when its place among the entries that both weeks have is another, so what is
-- added or removed above it does not move it.
WITH
  weeks AS (
    SELECT
      playlist_id,
      name AS playlist_name,
      snapshot_date,
      lag(snapshot_date) OVER (PARTITION BY playlist_id ORDER BY snapshot_date) AS previous_date
    FROM playlist_lake.playlists
    WHERE status = 'complete'
  ),
  entries AS (
    SELECT
      playlist_id,
      snapshot_date,
      position,
      kind,
      uri,
      title,
      artist_names,
      coalesce(uri, kind) AS known_by,
      row_number() OVER (PARTITION BY playlist_id, snapshot_date, coalesce(uri, kind) ORDER BY position) AS occurrence
    FROM playlist_lake.playlist_items
  ),
  after_entries AS (
    SELECT weeks.snapshot_date AS week, entries.*
    FROM weeks
    JOIN entries ON entries.playlist_id = weeks.playlist_id AND entries.snapshot_date = weeks.snapshot_date
    WHERE weeks.previous_date IS NOT NULL
  ),
  before_entries AS (
    SELECT weeks.snapshot_date AS week, entries.*
    FROM weeks
    JOIN entries ON entries.playlist_id = weeks.playlist_id AND entries.snapshot_date = weeks.previous_date
  ),
  compared AS (
    SELECT
      coalesce(a.playlist_id, b.playlist_id) AS playlist_id,
      coalesce(a.week, b.week) AS week,
      coalesce(a.kind, b.kind) AS kind,
      coalesce(a.uri, b.uri) AS uri,
      coalesce(a.title, b.title) AS title,
      coalesce(a.artist_names, b.artist_names) AS artist_names,
      b.position AS position_before,
      a.position AS position_after,
      CASE WHEN b.position IS NULL THEN 'added' WHEN a.position IS NULL THEN 'removed' ELSE 'stayed' END AS change
    FROM after_entries AS a
    FULL OUTER JOIN before_entries AS b
      ON a.playlist_id = b.playlist_id
      AND a.week = b.week
      AND a.known_by = b.known_by
      AND a.occurrence = b.occurrence
  ),
  placed AS (
    SELECT
      compared.*,
      row_number() OVER (PARTITION BY playlist_id, week, change ORDER BY position_before) AS place_before,
      row_number() OVER (PARTITION BY playlist_id, week, change ORDER BY position_after) AS place_after
    FROM compared
  )
SELECT
  placed.playlist_id,
  weeks.playlist_name,
  CASE WHEN placed.change = 'stayed' THEN 'moved' ELSE placed.change END AS change,
  placed.kind,
  placed.uri,
  placed.title,
  placed.artist_names,
  placed.position_before,
  placed.position_after,
  weeks.previous_date,
  placed.week AS snapshot_date
FROM placed
JOIN weeks ON weeks.playlist_id = placed.playlist_id AND weeks.snapshot_date = placed.week
WHERE placed.change <> 'stayed' OR placed.place_before <> placed.place_after
