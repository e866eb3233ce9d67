import { constants, zstdCompressSync } from 'node:zlib';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { deltaBinaryPack } from 'hyparquet-writer/src/delta.js';
import type { Column, ColumnType } from './tables.ts';
import { ValueTable } from './value-table.ts';

/** Converted types only: TIMESTAMP_MILLIS reads as a timestamp without a zone in Athena and DuckDB alike. */
export const PARQUET_TYPES = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const satisfies Record<ColumnType, object>;

const DAY_MS = 86_400_000;
const INT32_MAX = 2_147_483_647;
/** As much as zstd can do without its CPU time showing: level 3 takes 1.3 times as long and saves 1 %. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
/** With fewer repeats than this the numbers of a dictionary cost more than the repeats do once they are compressed. */
const DICTIONARY_BELOW = 0.8;

type Encoding = 'PLAIN' | 'RLE_DICTIONARY' | 'DELTA_BINARY_PACKED';

/** Gathers one column's values of a row group and writes them as a column chunk of one data page. */
export class ColumnBuilder {
  readonly #column: Column;
  readonly #values: ValueTable;
  /** 1 where the row has a value, 0 where it is null. */
  #present = new Uint8Array(1 << 8);
  #rows = 0;

  constructor(column: Column) {
    this.#column = column;
    this.#values = new ValueTable(column.type === 'string');
  }

  /** Bytes held, about. */
  get byteLength(): number {
    return this.#values.byteLength + 4 * this.#values.count;
  }

  /** Throws a TypeError for a value that the column cannot hold. */
  append(value: unknown): void {
    if (this.#rows === this.#present.length) {
      const present = new Uint8Array(2 * this.#rows);
      present.set(this.#present);
      this.#present = present;
    }
    const isNull = value === null;
    if (isNull ? !this.#column.nullable : !this.#add(value)) {
      throw new TypeError(`${this.#column.name} is of type ${this.#column.type}, which ${String(value)} is not`);
    }
    this.#present[this.#rows] = isNull ? 0 : 1;
    this.#rows += 1;
  }

  #add(value: unknown): boolean {
    switch (this.#column.type) {
      case 'string':
        if (typeof value !== 'string') return false;
        this.#values.addText(value);
        return true;
      case 'int':
        if (typeof value !== 'number' || (value | 0) !== value) return false;
        this.#values.addInt32(value);
        return true;
      case 'boolean':
        if (typeof value !== 'boolean') return false;
        this.#values.addInt32(value ? 1 : 0);
        return true;
      case 'date':
        return this.#addDate(value);
      case 'timestamp':
        if (!(value instanceof Date) || Number.isNaN(value.getTime())) return false;
        this.#values.addInt64(value.getTime());
        return true;
    }
  }

  #addDate(value: unknown): boolean {
    const day = value instanceof Date ? value.getTime() / DAY_MS : Number.NaN;
    if (!Number.isInteger(day) || Math.abs(day) > INT32_MAX) return false;
    this.#values.addInt32(day);
    return true;
  }

  /** Writes the chunk, says where and how for the file's footer, and begins anew. */
  flush(writer: ByteWriter) {
    const offset = writer.offset;
    const { encoding, data } = this.#encode();
    let uncompressed = 0;
    let dictionaryOffset: bigint | undefined;
    if (encoding === 'RLE_DICTIONARY') {
      dictionaryOffset = BigInt(offset);
      uncompressed += writePage(writer, this.#values.plain(everyNumber(this.#values.distinct)), {
        type: 'DICTIONARY_PAGE',
        dictionary_page_header: { num_values: this.#values.distinct, encoding: 'PLAIN' },
      });
    }
    const dataOffset = BigInt(writer.offset);
    const body = this.#column.nullable ? Buffer.concat([this.#levels(), data]) : data;
    uncompressed += writePage(writer, body, {
      type: 'DATA_PAGE',
      data_page_header: {
        num_values: this.#rows,
        encoding,
        definition_level_encoding: 'RLE',
        repetition_level_encoding: 'RLE',
      },
    });
    const chunk = {
      file_offset: BigInt(offset),
      meta_data: {
        type: PARQUET_TYPES[this.#column.type].type,
        encodings: [...new Set<Encoding | 'RLE'>(['PLAIN', 'RLE', encoding])],
        path_in_schema: [this.#column.name],
        codec: 'ZSTD' as const,
        num_values: BigInt(this.#rows),
        total_uncompressed_size: BigInt(uncompressed),
        total_compressed_size: BigInt(writer.offset - offset),
        data_page_offset: dataOffset,
        ...(dictionaryOffset === undefined ? {} : { dictionary_page_offset: dictionaryOffset }),
        statistics: { null_count: BigInt(this.#rows - this.#values.count), ...this.#bounds() },
      },
    };
    this.#values.clear();
    this.#rows = 0;
    return { chunk, uncompressed };
  }

  #encode(): { encoding: Encoding; data: Buffer } {
    const values = this.#values;
    const { type } = this.#column;
    if (type === 'boolean')
      return {
        encoding: 'PLAIN',
        data: packed(
          values.indexes.map((number) => values.int(number)),
          1,
        ),
      };
    if (type === 'int' && this.#countsUp()) {
      const writer = new ByteWriter();
      deltaBinaryPack(
        writer,
        Int32Array.from(values.indexes, (number) => values.int(number)),
        'INT32',
      );
      return { encoding: 'DELTA_BINARY_PACKED', data: Buffer.from(writer.getBytes()) };
    }
    if (values.distinct === 0 || values.distinct > DICTIONARY_BELOW * values.count) {
      return { encoding: 'PLAIN', data: values.plain(values.indexes) };
    }
    // A reader may take a width of 0 for a mistake.
    const width = Math.max(1, 32 - Math.clz32(values.distinct - 1));
    return { encoding: 'RLE_DICTIONARY', data: Buffer.concat([Buffer.of(width), run(values.indexes, width)]) };
  }

  /** Whether most values are one more than the value before, as positions are. */
  #countsUp(): boolean {
    const values = this.#values;
    const { indexes } = values;
    let steps = 0;
    for (let row = 1; row < indexes.length; row += 1) {
      if (values.int(indexes[row] as number) - values.int(indexes[row - 1] as number) === 1) steps += 1;
    }
    return steps * 2 > indexes.length;
  }

  #levels(): Buffer {
    const present = this.#present.subarray(0, this.#rows);
    const isAlike = this.#values.count === 0 || this.#values.count === this.#rows;
    const levels = isAlike
      ? Buffer.concat([varint(this.#rows * 2), Buffer.of(this.#values.count === 0 ? 0 : 1)])
      : run(present, 1);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(levels.length);
    return Buffer.concat([length, levels]);
  }

  /** Least and greatest value, where a query may leave out row groups by them: not for text that is not in a key. */
  #bounds() {
    const { type } = this.#column;
    const values = this.#values;
    if (values.distinct === 0) return {};
    if (type === 'string') return this.#textBounds();
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let number = 0; number < values.distinct; number += 1) {
      const value = type === 'timestamp' ? Number(values.value(number).readBigInt64LE()) : values.int(number);
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    if (type === 'boolean') return { min_value: min === 1, max_value: max === 1 };
    return { min_value: min, max_value: max };
  }

  #textBounds() {
    if (this.#column.nullable) return {};
    const values = this.#values;
    let [min, max] = [values.value(0).subarray(4), values.value(0).subarray(4)];
    for (let number = 1; number < values.distinct; number += 1) {
      const text = values.value(number).subarray(4);
      if (text.compare(min) < 0) min = text;
      if (text.compare(max) > 0) max = text;
    }
    // The writer reads them later, when these bytes hold other values.
    return { min_value: Uint8Array.from(min), max_value: Uint8Array.from(max) };
  }
}

const everyNumber = (count: number): Uint32Array => new Uint32Array(count).map((_, index) => index);

type PageHeader = Omit<Parameters<typeof writePageHeader>[1], 'uncompressed_page_size' | 'compressed_page_size'>;

/** Compresses and writes a page; gives its size before, header included. */
function writePage(writer: ByteWriter, body: Buffer, header: PageHeader): number {
  const compressed = zstdCompressSync(body, ZSTD);
  const start = writer.offset;
  writePageHeader(writer, {
    ...header,
    uncompressed_page_size: body.length,
    compressed_page_size: compressed.length,
  });
  const headerBytes = writer.offset - start;
  writer.appendBytes(compressed);
  return headerBytes + body.length;
}

/** One run of bit-packed numbers, as Parquet's RLE/bit-packing hybrid has it. */
const run = (numbers: Uint32Array | Uint8Array, width: number): Buffer =>
  Buffer.concat([varint(Math.ceil(numbers.length / 8) * 2 + 1), packed(numbers, width)]);

/** `width` bits a number, lowest first, padded to a multiple of 8 numbers. */
function packed(numbers: Uint32Array | Uint8Array, width: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(numbers.length / 8) * width);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    held |= (numbers[index] as number) << bits;
    bits += width;
    while (bits >= 8) {
      bytes[at] = held & 0xff;
      at += 1;
      held >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) bytes[at] = held & 0xff;
  return bytes;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.of(...bytes, rest);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
