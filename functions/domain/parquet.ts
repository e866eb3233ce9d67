import { zstdCompressSync } from 'node:zlib';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { type Column, type ColumnType, type Row, TABLES, type Table, type TableName } from './tables.ts';

/** Rows held before they are written as a row group; about 20 MB of the widest table. Bounds the memory of a run. */
const ROW_GROUP_ROWS = 50_000;

/** Converted types only: TIMESTAMP_MILLIS reads as a timestamp without a zone in Athena and DuckDB alike. */
const PARQUET_TYPES = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const satisfies Record<ColumnType, object>;

export interface TableWriter<T extends TableName> {
  /** Takes one row; the order of rows is the order in the file. */
  append(row: Row<T>): void;
  /** Rows taken so far. */
  readonly rows: number;
  /** The whole Parquet file. The same rows in the same order give the same bytes. */
  finish(): Uint8Array;
}

/** Writes one table's rows as one Parquet file (zstd, dictionaries for text). Throws on a value of the wrong type. */
export function createTableWriter<T extends TableName>(name: T): TableWriter<T> {
  const table: Table = TABLES[name];
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    codec: 'ZSTD',
    compressors: { ZSTD: (input) => new Uint8Array(zstdCompressSync(input)) },
    createdBy: 'playlist-lake',
    schema: [{ name: 'root', num_children: table.columns.length }, ...table.columns.map(schemaElement)],
  });
  let pending = emptyColumns(table);
  let held = 0;
  let rows = 0;

  function flush() {
    // A file of no rows still needs one, empty, row group for its column types to be readable everywhere.
    const columnData = table.columns.map((column, index) => ({
      name: column.name,
      data: pending[index] ?? [],
      // Left to itself the writer keeps repeating IDs plain and the file grows by up to 70 %.
      ...(column.type === 'string' ? { encoding: 'RLE_DICTIONARY' as const } : {}),
    }));
    file.write({ columnData, rowGroupSize: ROW_GROUP_ROWS });
    pending = emptyColumns(table);
    held = 0;
  }

  return {
    append(row) {
      const cells: Record<string, unknown> = row;
      for (const [index, column] of table.columns.entries()) pending[index]?.push(cells[column.name]);
      rows += 1;
      held += 1;
      if (held === ROW_GROUP_ROWS) flush();
    },
    get rows() {
      return rows;
    },
    finish() {
      if (held > 0) flush();
      file.finish();
      return bytes.getBytes();
    },
  };
}

const emptyColumns = (table: Table): unknown[][] => table.columns.map(() => []);

const schemaElement = (column: Column) => ({
  name: column.name,
  repetition_type: column.nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const),
  ...PARQUET_TYPES[column.type],
});
