import type { ByteWriter } from 'hyparquet-writer';
import { encodeNumbers, encodeTexts } from './column-encoding.ts';
import { type Bounds, levels, type WrittenChunk, writeChunk } from './parquet-chunk.ts';
import type { Column, ColumnType } from './tables.ts';

/** Gathers one column's values of a row group and writes them as a column chunk of one data page. */
export interface ColumnBuilder {
  /** Takes a value; gives the characters of text that are held for it. Throws a TypeError for what the column cannot hold. */
  append(value: unknown): number;
  /** Writes the chunk, says where and how for the file's footer, and begins anew. */
  flush(writer: ByteWriter): WrittenChunk;
}

/** Converted types only: TIMESTAMP_MILLIS reads as a timestamp without a zone in Athena and DuckDB alike. */
export const PARQUET_TYPES = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const satisfies Record<Exclude<ColumnType, 'strings'>, object>;

type NumberType = Exclude<ColumnType, 'strings' | 'string'>;

export const wrongValue = ({ name, type }: Column, value: unknown): TypeError =>
  new TypeError(`${name} is of type ${type}, which ${String(value)} is not`);

/** Which rows have a value, as a column's levels say it: 1 where there is one, 0 where it is null. */
function presence(rows: number, nullRows: readonly number[]): Buffer {
  const present = new Uint8Array(rows).fill(1);
  for (const row of nullRows) present[row] = 0;
  return levels(present, 1, nullRows.length === 0 || nullRows.length === rows);
}

export class TextColumn implements ColumnBuilder {
  readonly #column: Column;
  #texts: string[] = [];
  #nullRows: number[] = [];

  constructor(column: Column) {
    this.#column = column;
  }

  append(value: unknown): number {
    if (typeof value === 'string') {
      this.#texts.push(value);
      return value.length;
    }
    if (value !== null || !this.#column.nullable) throw wrongValue(this.#column, value);
    this.#nullRows.push(this.#texts.length + this.#nullRows.length);
    return 0;
  }

  flush(writer: ByteWriter): WrittenChunk {
    const { name, nullable } = this.#column;
    const encoded = encodeTexts(this.#texts);
    const rows = this.#texts.length + this.#nullRows.length;
    const chunk = writeChunk(writer, encoded, {
      physical: 'BYTE_ARRAY',
      path: [name],
      levels: nullable ? [presence(rows, this.#nullRows)] : [],
      count: rows,
      nulls: this.#nullRows.length,
      // A query can leave out row groups by the playlist's ID, in whose order rows come. Any other ID is random, and
      // stands in every row group between the same bounds.
      bounds: !nullable && encoded.dictionary ? textBounds(encoded.dictionary.values) : {},
    });
    this.#texts = [];
    this.#nullRows = [];
    return chunk;
  }
}

function textBounds(texts: readonly string[]): Bounds {
  const sorted = texts.map((text) => Buffer.from(text)).sort(Buffer.compare);
  return { min_value: sorted[0] as Buffer, max_value: sorted.at(-1) as Buffer };
}

const DAY_MS = 86_400_000;

/** A value as the number that stands for it in the file; NaN for one that the type does not have. */
const NUMBER_OF: Record<NumberType, (value: unknown) => number> = {
  boolean: (value) => (typeof value === 'boolean' ? Number(value) : Number.NaN),
  int: (value) => (isInt32(value) ? value : Number.NaN),
  timestamp: (value) => (value instanceof Date ? value.getTime() : Number.NaN),
  date: (value) => {
    const day = value instanceof Date ? value.getTime() / DAY_MS : Number.NaN;
    return isInt32(day) ? day : Number.NaN;
  },
};

const isInt32 = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value;

/** Whole numbers, and what is stored as such. */
export class NumberColumn implements ColumnBuilder {
  readonly #column: Column;
  readonly #type: NumberType;
  #numbers: number[] = [];
  #nullRows: number[] = [];

  constructor(column: Column, type: NumberType) {
    this.#column = column;
    this.#type = type;
  }

  append(value: unknown): number {
    if (value === null && this.#column.nullable) {
      this.#nullRows.push(this.#numbers.length + this.#nullRows.length);
      return 0;
    }
    const number = NUMBER_OF[this.#type](value);
    if (Number.isNaN(number)) throw wrongValue(this.#column, value);
    this.#numbers.push(number);
    return 0;
  }

  flush(writer: ByteWriter): WrittenChunk {
    const numbers = new Float64Array(this.#numbers);
    const [min, max] = extremes(numbers);
    const rows = numbers.length + this.#nullRows.length;
    const chunk = writeChunk(writer, encodeNumbers(numbers, this.#type, max - min), {
      physical: PARQUET_TYPES[this.#type].type,
      path: [this.#column.name],
      levels: this.#column.nullable ? [presence(rows, this.#nullRows)] : [],
      count: rows,
      nulls: this.#nullRows.length,
      bounds: this.#bounds(min, max),
    });
    this.#numbers = [];
    this.#nullRows = [];
    return chunk;
  }

  /** Least and greatest value: a query may leave out row groups by them. */
  #bounds(min: number, max: number): Bounds {
    if (this.#numbers.length === 0) return {};
    if (this.#type === 'boolean') return { min_value: min === 1, max_value: max === 1 };
    return { min_value: min, max_value: max };
  }
}

function extremes(numbers: Float64Array): [min: number, max: number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < numbers.length; row += 1) {
    min = Math.min(min, numbers[row] as number);
    max = Math.max(max, numbers[row] as number);
  }
  return [min, max];
}
