import type { ByteWriter } from 'hyparquet-writer';
import { hasTextDictionary } from './column-encoding.ts';
import { type Bounds, grown, levels, type WrittenChunk, writeChunk } from './parquet-chunk.ts';
import type { Column, ColumnType } from './tables.ts';
import { ValueTable } from './value-table.ts';

/** Any but a list: parquet-list.ts. */
export type ScalarColumn = Column & { readonly type: Exclude<ColumnType, 'strings'> };

/** Converted types only: TIMESTAMP_MILLIS reads as a timestamp without a zone in Athena and DuckDB alike. */
export const PARQUET_TYPES = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const satisfies Record<ScalarColumn['type'], object>;

const DAY_MS = 86_400_000;
const INT32_MAX = 2_147_483_647;

/** Gathers one column's values of a row group and writes them as a column chunk of one data page. */
export class ColumnBuilder {
  readonly #column: ScalarColumn;
  readonly #values: ValueTable;
  /** 1 where the row has a value, 0 where it is null. */
  #present = new Uint8Array(1 << 8);
  #rows = 0;

  constructor(column: ScalarColumn) {
    this.#column = column;
    this.#values = new ValueTable(column.type === 'string');
  }

  /** Bytes held, about. */
  get byteLength(): number {
    return this.#values.byteLength + 4 * this.#values.count;
  }

  /** Throws a TypeError for a value that the column cannot hold. */
  append(value: unknown): void {
    if (this.#rows === this.#present.length) this.#present = grown(this.#present);
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
  flush(writer: ByteWriter): WrittenChunk {
    const { type, name, nullable } = this.#column;
    const chunk = writeChunk(writer, this.#values, {
      type,
      physical: PARQUET_TYPES[type].type,
      path: [name],
      levels: nullable ? [this.#levels()] : [],
      count: this.#rows,
      bounds: this.#bounds(),
    });
    this.#values.clear();
    this.#rows = 0;
    return chunk;
  }

  #levels(): Buffer {
    const isAlike = this.#values.count === 0 || this.#values.count === this.#rows;
    return levels(this.#present.subarray(0, this.#rows), 1, isAlike);
  }

  /**
   * Least and greatest value, where a query may leave out row groups by them. Of text that is so for the playlist's ID, in
   * whose order rows come; any other ID is random, and stands in every row group between the same bounds.
   */
  #bounds(): Bounds {
    const { type } = this.#column;
    const values = this.#values;
    if (values.distinct === 0) return {};
    if (type === 'string') return this.#textBounds();
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let number = 0; number < values.distinct; number += 1) {
      const value = values.number(number);
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    if (type === 'boolean') return { min_value: min === 1, max_value: max === 1 };
    return { min_value: min, max_value: max };
  }

  #textBounds() {
    const values = this.#values;
    if (this.#column.nullable || !hasTextDictionary(values)) return {};
    let [min, max] = [0, 0];
    for (let number = 1; number < values.distinct; number += 1) {
      if (values.isBefore(number, min)) min = number;
      else if (values.isBefore(max, number)) max = number;
    }
    return { min_value: values.textOf(min), max_value: values.textOf(max) };
  }
}
