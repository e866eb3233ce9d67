import { join } from 'node:path';
import { PUBLISHED_PREFIX, parsePartKey, partitionPrefix } from '../../../functions/domain/lake-paths.ts';
import {
  type Column,
  type ColumnType,
  PARTITION_COLUMNS,
  TABLE_NAMES,
  TABLES,
  type TableName,
} from '../../../functions/domain/tables.ts';
import { DERIVED_VIEWS, derivedViewSql } from '../../derived-views.ts';
import {
  PUBLISHED_COLUMNS,
  PUBLISHED_TABLE,
  READERS_DATABASE,
  readerViewSql,
  STAGING_DATABASE,
} from '../../reader-views.ts';
import { listKeys, readPartitions } from '../glue/partitions.ts';

/** The files behind every table, as the catalogue has them now. Paths are absolute. */
export interface CatalogFiles {
  readonly tables: Record<TableName, string[]>;
  readonly published: string[];
}

const DUCKDB_TYPES: Record<ColumnType, string> = {
  string: 'VARCHAR',
  int: 'INTEGER',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  strings: 'VARCHAR[]',
};

const columnsOf = (table: TableName): Column[] => [...TABLES[table].columns, ...PARTITION_COLUMNS];

/** A column's type in DuckDB's words, by table and column: what the Parquet files have to say too. */
export const CONTRACT_TYPES: ReadonlyMap<string, string> = new Map(
  TABLE_NAMES.flatMap((table) =>
    columnsOf(table).map((column) => [`${table}.${column.name}`, DUCKDB_TYPES[column.type]] as const),
  ),
);

/**
 * Lists the Parquet files of the registered partitions and the published snapshots. A partition whose folder has gone
 * since the crawl has no files, as in Athena.
 */
export async function listCatalogFiles(lakeDir: string): Promise<CatalogFiles> {
  const tables = Object.fromEntries(TABLE_NAMES.map((name) => [name, [] as string[]])) as Record<TableName, string[]>;
  for (const { table, snapshot_date, run_id } of readPartitions(lakeDir)) {
    const folder = partitionPrefix(table, { snapshotDate: snapshot_date, runId: run_id });
    const parts = listKeys(lakeDir, folder).filter((key) => parsePartKey(key));
    tables[table].push(...parts.map((key) => join(lakeDir, key)));
  }
  const published = listKeys(lakeDir, PUBLISHED_PREFIX).filter((key) => key.endsWith('.json'));
  return { tables, published: published.map((key) => join(lakeDir, key)) };
}

export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const listOf = (paths: string[]): string => `[${paths.map(quoted).join(', ')}]`;

// A table without files still has its columns, and a column that older files lack is null in them.
const noRows = (columns: [name: string, type: string][]): string =>
  `SELECT ${columns.map(([name, type]) => `CAST(NULL AS ${type}) AS ${name}`).join(', ')} WHERE false`;

function stagingSql(table: TableName, files: string[]): string {
  const columns = columnsOf(table);
  const empty = noRows(columns.map(({ name, type }) => [name, DUCKDB_TYPES[type]]));
  if (files.length === 0) return empty;
  const partitionTypes = PARTITION_COLUMNS.map(({ name }) => `${quoted(name)}: VARCHAR`).join(', ');
  return [
    `SELECT ${columns.map(({ name }) => name).join(', ')} FROM (${empty}`,
    `UNION ALL BY NAME SELECT * FROM read_parquet(${listOf(files)}, union_by_name = true,`,
    `hive_partitioning = true, hive_types = {${partitionTypes}}))`,
  ].join(' ');
}

function publishedSql(files: string[]): string {
  if (files.length === 0) return noRows(PUBLISHED_COLUMNS.map((name) => [name, 'VARCHAR']));
  const columns = PUBLISHED_COLUMNS.map((name) => `${quoted(name)}: 'VARCHAR'`).join(', ');
  // One line an object, as Athena's JSON reader has it.
  return `SELECT * FROM read_json(${listOf(files)}, format = 'newline_delimited', columns = {${columns}})`;
}

/**
 * The statements that make every table and view of both databases over these files, in an order that works.
 * Paths need no escaping but their quotes: DuckDB takes a path that exists as it stands, `*` and `[` included.
 */
export function catalogSql({ tables, published }: CatalogFiles): string[] {
  const view = (database: string, name: string, sql: string) => `CREATE OR REPLACE VIEW ${database}.${name} AS ${sql}`;
  return [
    ...TABLE_NAMES.map((table) => view(STAGING_DATABASE, table, stagingSql(table, tables[table]))),
    view(READERS_DATABASE, PUBLISHED_TABLE, publishedSql(published)),
    ...TABLE_NAMES.map((table) => view(READERS_DATABASE, table, readerViewSql(table))),
    ...DERIVED_VIEWS.map((derived) => view(READERS_DATABASE, derived.name, derivedViewSql(derived))),
  ];
}
