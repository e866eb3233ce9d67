import { deltaPacked } from './delta.ts';
import type { ColumnType } from './tables.ts';
import type { ValueTable } from './value-table.ts';

/** How the values of a column chunk are written. Every one of these is read by Trino, DuckDB and pyarrow. */
export type Encoding =
  | 'PLAIN'
  | 'RLE_DICTIONARY'
  | 'DELTA_BINARY_PACKED'
  | 'DELTA_LENGTH_BYTE_ARRAY'
  | 'DELTA_BYTE_ARRAY';

/**
 * Measured on the benchmark's tables: with more different values than this share, text is smaller side by side, where
 * zstd finds the repeats, than as a dictionary with numbers, which it cannot make smaller.
 */
const TEXT_DICTIONARY_BELOW = 0.3;
const NUMBER_DICTIONARY_BELOW = 0.1;
/** Text that shares as many bytes with the one before, as addresses of covers do, is written without them. */
const SHARED_BYTES = 8;
const SAMPLE = 1000;

/** A text column of which more than this share has the length of the text before holds codes: IDs, ISRCs, addresses of covers. */
const CODES_ABOVE = 0.9;

export interface Encoded {
  readonly encoding: Encoding;
  readonly data: Buffer;
  /** Whether the data are codes, in which nothing comes again but the whole. */
  readonly isCodes?: boolean;
}

/** Whether a text column is written as a dictionary. */
export const hasTextDictionary = ({ distinct, count }: ValueTable): boolean =>
  distinct <= TEXT_DICTIONARY_BELOW * count;

/** `spread` is the greatest value less the least one; of numbers only. */
export function encode(values: ValueTable, type: ColumnType, spread: number): Encoded {
  if (type === 'boolean') return { encoding: 'PLAIN', data: packed(numbersOf(values), 1) };
  const isText = type === 'string';
  const isDictionary = isText ? hasTextDictionary(values) : hasNumberDictionary(values, type);
  if (values.distinct === 0 || isDictionary) return dictionary(values);
  if (isText) return textEncoding(values);
  // A difference must fit into the column's own type, and be exact in a double.
  const most = type === 'timestamp' ? 2 ** 51 : 2 ** 31;
  if (spread >= most) return { encoding: 'PLAIN', data: values.plain(values.indexes) };
  return { encoding: 'DELTA_BINARY_PACKED', data: deltaPacked(numbersOf(values)) };
}

const hasNumberDictionary = (values: ValueTable, type: ColumnType): boolean =>
  values.distinct <= NUMBER_DICTIONARY_BELOW * values.count && !(type === 'int' && countsUp(values));

function dictionary(values: ValueTable): Encoded {
  if (values.distinct === 0) return { encoding: 'PLAIN', data: Buffer.alloc(0) };
  // A reader may take a width of 0 for a mistake.
  const width = Math.max(1, 32 - Math.clz32(values.distinct - 1));
  return { encoding: 'RLE_DICTIONARY', data: Buffer.concat([Buffer.of(width), run(values.indexes, width)]) };
}

function numbersOf(values: ValueTable): Float64Array {
  const { indexes } = values;
  const numbers = new Float64Array(indexes.length);
  for (let row = 0; row < indexes.length; row += 1) numbers[row] = values.number(indexes[row] as number);
  return numbers;
}

/** Whether most values are one more than the value before, as positions are. */
function countsUp(values: ValueTable): boolean {
  const { indexes } = values;
  let steps = 0;
  for (let row = 1; row < indexes.length; row += 1) {
    if (values.number(indexes[row] as number) - values.number(indexes[row - 1] as number) === 1) steps += 1;
  }
  return steps * 2 > indexes.length;
}

/** The lengths of all values before all bytes; where values share their beginning, what they share as a length too. */
function textEncoding(values: ValueTable): Encoded {
  const { indexes } = values;
  const shared = new Float64Array(indexes.length);
  let sum = 0;
  for (let row = 1; row < indexes.length; row += 1) {
    shared[row] = values.sharedBytes(indexes[row - 1] as number, indexes[row] as number);
    sum += shared[row] as number;
    if (row === SAMPLE && sum < SHARED_BYTES * SAMPLE) break;
  }
  const isShared = sum >= SHARED_BYTES * indexes.length;
  if (!isShared) shared.fill(0);
  const lengths = new Float64Array(indexes.length);
  let alike = 0;
  for (let row = 0, before = 0; row < indexes.length; row += 1) {
    const length = values.textBytes(indexes[row] as number);
    if (length === before) alike += 1;
    before = length;
    lengths[row] = length - (shared[row] as number);
  }
  const isCodes = alike > CODES_ABOVE * indexes.length;
  const text = values.text(indexes, shared);
  return isShared
    ? { encoding: 'DELTA_BYTE_ARRAY', data: Buffer.concat([deltaPacked(shared), deltaPacked(lengths), text]), isCodes }
    : { encoding: 'DELTA_LENGTH_BYTE_ARRAY', data: Buffer.concat([deltaPacked(lengths), text]), isCodes };
}

/** One run of bit-packed numbers, as Parquet's RLE/bit-packing hybrid has it. */
export const run = (numbers: Uint32Array | Uint8Array, width: number): Buffer =>
  Buffer.concat([varint(Math.ceil(numbers.length / 8) * 2 + 1), packed(numbers, width)]);

/** `width` bits a number, lowest first, padded to a multiple of 8 numbers. */
function packed(numbers: ArrayLike<number>, width: number): Buffer {
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

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.of(...bytes, rest);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
