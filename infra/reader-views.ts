import { type Column, TABLES, type TableName } from '../functions/domain/tables.ts';

/**
 * The views that readers query, as SQL that Athena and DuckDB both understand. The machine writes to the staging
 * tables; a row is visible here only when `published_snapshots` names its run for its date, so readers see the old
 * snapshot of a date or the new one, never a mixture.
 */

/** What readers query: one view a table, without `run_id`, and `published_snapshots`. */
export const READERS_DATABASE = 'playlist_lake';

/** The tables over `transformed/`, with every run: what the machine writes and checks. */
export const STAGING_DATABASE = 'playlist_lake_staging';

/** A table in READERS_DATABASE over the JSON objects in `published/`, one line of JSON an object. */
export const PUBLISHED_TABLE = 'published_snapshots';

/** Its columns, all of them strings. */
export const PUBLISHED_COLUMNS = ['snapshot_date', 'run_id', 'published_at', 'status'] as const;

/** Both databases' names; a deployment for trials has others. */
export interface Databases {
  readonly readers: string;
  readonly staging: string;
}

/**
 * A column as readers see it, of a row of the staging table under the name `entry`. Where a text ends in the row's ID or
 * date the table holds a mark (functions/domain/stored-text.ts). `replace` is null when any of its arguments is, so a row
 * without an ending needs a text for one.
 */
export function readerColumnSql({ name, ending }: Column): string {
  if (!ending) return `entry.${name}`;
  const { mark, columns } = ending;
  const values = columns.map((column) => (mark === '{date}' ? `CAST(entry.${column} AS varchar)` : `entry.${column}`));
  return `replace(replace(entry.${name}, '${mark}', coalesce(${values.join(', ')}, '')), '{}', '{') AS ${name}`;
}

/** The `SELECT` of the readers' view with the plain name of `table`: its columns in order, then `snapshot_date`. */
export function readerViewSql(
  table: TableName,
  { readers, staging }: Databases = { readers: READERS_DATABASE, staging: STAGING_DATABASE },
): string {
  const columns = [...TABLES[table].columns.map(readerColumnSql), 'entry.snapshot_date'];
  return [
    'SELECT',
    columns.map((column) => `  ${column}`).join(',\n'),
    `FROM ${staging}.${table} AS entry`,
    `JOIN ${readers}.${PUBLISHED_TABLE} AS published`,
    '  ON entry.snapshot_date = published.snapshot_date',
    '  AND entry.run_id = published.run_id',
  ].join('\n');
}
