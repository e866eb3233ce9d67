import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { type ColumnBuilder, NumberColumn, PARQUET_TYPES, TextColumn } from './parquet-column.ts';
import { ListColumn, listSchema } from './parquet-list.ts';
import { createTextStore } from './stored-text.ts';
import { type Column, type Row, TABLES, type Table, type TableName } from './tables.ts';

/**
 * Rows held before they are written as a row group. Bounds the memory of a run: 50,000 would make the files of a million
 * entries 4 % smaller and take 30 MB more.
 */
const ROW_GROUP_ROWS = 30_000;
/** The same for rows that are unusually wide, such as rejected entries; 30,000 tracks have a tenth of it. */
const ROW_GROUP_CHARACTERS = 16 << 20;

export interface TableWriter<T extends TableName> {
  /** Takes one row; the order of rows is the order in the files. Throws on a value of the wrong type. */
  append(row: Row<T>): void;
  /** Rows taken so far. */
  readonly rows: number;
  /** Of the row groups that are done; those that are still gathered are not counted. */
  readonly byteLength: number;
  /** Ends the file with the row groups that are done, and begins another. */
  cut(): Uint8Array;
  /** The file that is left, if there is one; a table has one at least. Same rows, same order, same cuts: same bytes. */
  finish(): Uint8Array | undefined;
}

/** Writes one table's rows as Parquet (zstd, dictionaries where values repeat), nearly always as one file. */
export function createTableWriter<T extends TableName>(name: T): TableWriter<T> {
  const columns: readonly Column[] = (TABLES[name] as Table).columns;
  const builders = columns.map(createBuilder);
  const cellOf = columns.map(cellReader);
  let file = createFile(columns);
  let files = 0;
  let held = 0;
  let heldCharacters = 0;
  let rows = 0;

  function flush() {
    file.addRowGroup(builders, held);
    held = 0;
    heldCharacters = 0;
  }

  function cut() {
    const bytes = file.finish();
    file = createFile(columns);
    files += 1;
    return bytes;
  }

  return {
    append(row) {
      for (let index = 0; index < builders.length; index += 1) {
        heldCharacters += (builders[index] as ColumnBuilder).append(cellOf[index]?.(row));
      }
      rows += 1;
      held += 1;
      if (held === ROW_GROUP_ROWS || heldCharacters > ROW_GROUP_CHARACTERS) flush();
    },
    get rows() {
      return rows;
    },
    get byteLength() {
      return file.byteLength;
    },
    cut,
    finish() {
      if (held > 0) flush();
      // Without a row there is a file all the same: it says which columns the table has.
      return file.isEmpty && files > 0 ? undefined : cut();
    },
  };
}

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

function createBuilder(column: Column): ColumnBuilder {
  if (column.type === 'strings') return new ListColumn(column);
  return column.type === 'string' ? new TextColumn(column) : new NumberColumn(column, column.type);
}

/** What is stored of a row in this column. */
function cellReader({ name, ending }: Column): (row: Record<string, unknown>) => unknown {
  if (!ending) return (row) => row[name];
  const { mark, columns } = ending;
  const stored = createTextStore(mark);
  return (row) => {
    const text = row[name];
    if (typeof text !== 'string') return text;
    let value: unknown = null;
    for (let index = 0; value === null && index < columns.length; index += 1) value = row[columns[index] as string];
    return stored(text, value);
  };
}

/** One Parquet file. The pages are ours, the footer is the library's. */
function createFile(columns: readonly Column[]) {
  const writer = new ByteWriter();
  const written: Uint8Array[] = [];
  const parquet = new ParquetWriter({
    writer,
    codec: 'ZSTD',
    createdBy: 'playlist-lake',
    schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(schemaElements)],
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

function schemaElements(column: Column): SchemaElement[] {
  if (column.type === 'strings') return listSchema(column.name);
  const repetition_type = column.nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const);
  return [{ name: column.name, repetition_type, ...PARQUET_TYPES[column.type] }];
}
