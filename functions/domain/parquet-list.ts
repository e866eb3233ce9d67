import type { ByteWriter } from 'hyparquet-writer';
import { grown, levels, type WrittenChunk, writeChunk } from './parquet-chunk.ts';
import type { Column } from './tables.ts';
import { ValueTable } from './value-table.ts';

/** What stands at a level: of each list its elements, or that it is empty. */
const EMPTY_LIST = 0;
const NULL_ELEMENT = 1;
const VALUE = 2;

/**
 * A column of lists in the standard form of three levels: a required group, a repeated `list` in it, and in that an
 * optional `element`. https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists
 */
export const listSchema = (name: string) => [
  { name, repetition_type: 'REQUIRED' as const, converted_type: 'LIST' as const, num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED' as const, num_children: 1 },
  {
    name: 'element',
    repetition_type: 'OPTIONAL' as const,
    type: 'BYTE_ARRAY' as const,
    converted_type: 'UTF8' as const,
  },
];

/** Gathers the lists of a row group, as ColumnBuilder does the values of any other column. */
export class ListColumnBuilder {
  readonly #column: Column;
  readonly #values = new ValueTable(true);
  /** 1 where an element is a further one of its list. */
  #repetition = new Uint8Array(1 << 8);
  #definition = new Uint8Array(1 << 8);
  #count = 0;

  constructor(column: Column) {
    this.#column = column;
  }

  /** Bytes held, about. */
  get byteLength(): number {
    return this.#values.byteLength + 4 * this.#values.count;
  }

  /** Throws a TypeError for anything but a list of texts and nulls. */
  append(value: unknown): void {
    if (!Array.isArray(value)) throw this.#wrong(value);
    if (value.length === 0) this.#add(0, EMPTY_LIST);
    for (let index = 0; index < value.length; index += 1) {
      const element: unknown = value[index];
      if (typeof element === 'string') this.#values.addText(element);
      else if (element !== null) throw this.#wrong(value);
      this.#add(index === 0 ? 0 : 1, element === null ? NULL_ELEMENT : VALUE);
    }
  }

  #add(repetition: number, definition: number): void {
    if (this.#count === this.#repetition.length) {
      this.#repetition = grown(this.#repetition);
      this.#definition = grown(this.#definition);
    }
    this.#repetition[this.#count] = repetition;
    this.#definition[this.#count] = definition;
    this.#count += 1;
  }

  #wrong(value: unknown): TypeError {
    return new TypeError(`${this.#column.name} is of type ${this.#column.type}, which ${String(value)} is not`);
  }

  /** Writes the chunk, says where and how for the file's footer, and begins anew. */
  flush(writer: ByteWriter): WrittenChunk {
    const chunk = writeChunk(writer, this.#values, {
      type: 'string',
      physical: 'BYTE_ARRAY',
      path: [this.#column.name, 'list', 'element'],
      levels: [this.#levels(this.#repetition, 1), this.#levels(this.#definition, 2)],
      count: this.#count,
      bounds: {},
    });
    this.#values.clear();
    this.#count = 0;
    return chunk;
  }

  #levels(all: Uint8Array, width: number): Buffer {
    const held = all.subarray(0, this.#count);
    return levels(
      held,
      width,
      held.every((level) => level === held[0]),
    );
  }
}
