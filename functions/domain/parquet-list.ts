import type { ByteWriter } from 'hyparquet-writer';
import { encodeTexts } from './column-encoding.ts';
import { levels, type WrittenChunk, writeChunk } from './parquet-chunk.ts';
import { type ColumnBuilder, wrongValue } from './parquet-column.ts';
import type { Column } from './tables.ts';

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

/** Lists of texts and nulls. */
export class ListColumn implements ColumnBuilder {
  readonly #column: Column;
  #texts: string[] = [];
  /** 1 where an element is a further one of its list. */
  #repetition: number[] = [];
  #definition: number[] = [];

  constructor(column: Column) {
    this.#column = column;
  }

  append(value: unknown): number {
    if (!Array.isArray(value)) throw wrongValue(this.#column, value);
    if (value.length === 0) this.#add(0, EMPTY_LIST);
    let characters = 0;
    for (let index = 0; index < value.length; index += 1) {
      const element: unknown = value[index];
      if (typeof element === 'string') this.#texts.push(element);
      else if (element !== null) throw wrongValue(this.#column, value);
      this.#add(index === 0 ? 0 : 1, element === null ? NULL_ELEMENT : VALUE);
      characters += element?.length ?? 0;
    }
    return characters;
  }

  #add(repetition: number, definition: number): void {
    this.#repetition.push(repetition);
    this.#definition.push(definition);
  }

  flush(writer: ByteWriter): WrittenChunk {
    const count = this.#definition.length;
    const chunk = writeChunk(writer, encodeTexts(this.#texts), {
      physical: 'BYTE_ARRAY',
      path: [this.#column.name, 'list', 'element'],
      levels: [levelsOf(this.#repetition, 1), levelsOf(this.#definition, 2)],
      count,
      nulls: count - this.#texts.length,
      bounds: {},
    });
    this.#texts = [];
    this.#repetition = [];
    this.#definition = [];
    return chunk;
  }
}

const levelsOf = (all: readonly number[], width: number): Buffer =>
  levels(
    Uint8Array.from(all),
    width,
    all.every((level) => level === all[0]),
  );
