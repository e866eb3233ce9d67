import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { ColumnBuilder, PARQUET_TYPES } from './parquet-column.ts';
import { type Column, type Row, TABLES, type Table, type TableName } from './tables.ts';

/**
 * Rows held before they are written as a row group. Bounds the memory of a run: 50,000 would make the files 4 % smaller
 * and take 20 MB more.
 */
const ROW_GROUP_ROWS = 20_000;
/** The same for rows that are unusually wide, such as rejected entries. */
const ROW_GROUP_BYTES = 32 << 20;
/** A file is ended when it is larger than this, so that a run holds few and no large bytes. */
const FILE_BYTES = 16 << 20;

export interface TableWriter<T extends TableName> {
  /** Takes one row; the order of rows is the order in the files. Throws on a value of the wrong type. */
  append(row: Row<T>): void;
  /** Rows taken so far. */
  readonly rows: number;
  /** Files that are full, since the last call. */
  take(): Uint8Array[];
  /** The files that are left; a table has one at least. The same rows in the same order give the same bytes. */
  finish(): Uint8Array[];
}

/** Writes one table's rows as Parquet (zstd, dictionaries where values repeat), nearly always as one file. */
export function createTableWriter<T extends TableName>(name: T): TableWriter<T> {
  const columns: readonly Column[] = (TABLES[name] as Table).columns;
  const builders = columns.map((column) => new ColumnBuilder(column));
  const names = columns.map((column) => column.name);
  let file = createFile(columns);
  let full: Uint8Array[] = [];
  let held = 0;
  let rows = 0;

  function flush() {
    file.addRowGroup(builders, held);
    held = 0;
    if (file.byteLength < FILE_BYTES) return;
    full.push(file.finish());
    file = createFile(columns);
  }

  return {
    append(row) {
      const cells: Record<string, unknown> = row;
      for (let index = 0; index < builders.length; index += 1) {
        (builders[index] as ColumnBuilder).append(cells[names[index] as string]);
      }
      rows += 1;
      held += 1;
      if (held === ROW_GROUP_ROWS || (held % 64 === 0 && bytesOf(builders) > ROW_GROUP_BYTES)) flush();
    },
    get rows() {
      return rows;
    },
    take() {
      const taken = full;
      full = [];
      return taken;
    },
    finish() {
      if (held > 0) flush();
      // Without a row there is a file all the same: it says which columns the table has.
      if (rows === 0 || !file.isEmpty) full.push(file.finish());
      return this.take();
    },
  };
}

const bytesOf = (builders: readonly ColumnBuilder[]): number =>
  builders.reduce((sum, { byteLength }) => sum + byteLength, 0);

/** One Parquet file. The pages are ours, the footer is the library's. */
function createFile(columns: readonly Column[]) {
  const writer = new ByteWriter();
  const written: Uint8Array[] = [];
  const parquet = new ParquetWriter({
    writer,
    codec: 'ZSTD',
    createdBy: 'playlist-lake',
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(schemaElement)],
  });

  /** What is written is laid aside: the writer would copy all of it each time it grows. */
  function layAside() {
    written.push(writer.getBytes().slice());
    writer.index = 0;
  }

  return {
    get byteLength() {
      return writer.offset;
    },
    get isEmpty() {
      return parquet.num_rows === 0n;
    },
    addRowGroup(builders: readonly ColumnBuilder[], rows: number) {
      const start = writer.offset;
      const chunks = builders.map((builder) => {
        const chunk = builder.flush(writer);
        layAside();
        return chunk;
      });
      parquet.row_groups.push({
        columns: chunks.map(({ chunk }) => chunk),
        total_byte_size: BigInt(chunks.reduce((sum, { uncompressed }) => sum + uncompressed, 0)),
        num_rows: BigInt(rows),
        total_compressed_size: BigInt(writer.offset - start),
      });
      parquet.num_rows += BigInt(rows);
    },
    finish(): Uint8Array {
      parquet.finish();
      layAside();
      return Buffer.concat(written);
    },
  };
}

const schemaElement = (column: Column) => ({
  name: column.name,
  repetition_type: column.nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const),
  ...PARQUET_TYPES[column.type],
});
