import { packed, run } from './bit-packing.ts';
import { deltaPacked } from './delta.ts';
import type { ColumnType } from './tables.ts';

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

export interface Encoded<T extends string | number> {
  readonly encoding: Encoding;
  readonly data: Buffer;
  /** The different values of RLE_DICTIONARY in the order in which they came, and as PLAIN has them. */
  readonly dictionary?: { readonly values: readonly T[]; readonly plain: Buffer };
  /** Whether the data are codes, in which nothing comes again but the whole. */
  readonly isCodes?: boolean;
}

/** Text that is well formed. */
export function encodeTexts(texts: readonly string[]): Encoded<string> {
  if (texts.length === 0) return { encoding: 'PLAIN', data: Buffer.alloc(0) };
  const numbered = number(texts, TEXT_DICTIONARY_BELOW);
  if (numbered) return dictionary(numbered, plainTexts(numbered.values));
  const { bytes, lengths } = utf8(texts);
  const isCodes = alike(lengths) > CODES_ABOVE * lengths.length;
  const shared = sharedWithFormer(bytes, lengths);
  if (!shared) {
    return { encoding: 'DELTA_LENGTH_BYTE_ARRAY', data: Buffer.concat([deltaPacked(lengths), bytes]), isCodes };
  }
  const rest = withoutShared(bytes, lengths, shared);
  const data = Buffer.concat([deltaPacked(shared), deltaPacked(lengths), rest]);
  return { encoding: 'DELTA_BYTE_ARRAY', data, isCodes };
}

/** `spread` is the greatest value less the least one. */
export function encodeNumbers(numbers: Float64Array, type: ColumnType, spread: number): Encoded<number> {
  if (type === 'boolean') return { encoding: 'PLAIN', data: packed(new Uint32Array(numbers), 1) };
  if (numbers.length === 0) return { encoding: 'PLAIN', data: Buffer.alloc(0) };
  const numbered = type === 'int' && countsUp(numbers) ? undefined : number(numbers, NUMBER_DICTIONARY_BELOW);
  if (numbered) return dictionary(numbered, plainNumbers(numbered.values, type));
  // A difference must fit into the column's own type, and be exact in a double.
  const most = type === 'timestamp' ? 2 ** 51 : 2 ** 31;
  if (spread >= most) return { encoding: 'PLAIN', data: plainNumbers(numbers, type) };
  return { encoding: 'DELTA_BINARY_PACKED', data: deltaPacked(numbers) };
}

interface Numbered<T> {
  readonly values: readonly T[];
  /** For every row, the number of its value among the different ones. */
  readonly indexes: Uint32Array;
}

/**
 * Numbers the different values as they come; undefined when there are more of them than this share of all. Where nothing
 * came again in the first thousand of many, as with a table's own IDs, the others are not looked at.
 */
function number<T>(all: ArrayLike<T>, share: number): Numbered<T> | undefined {
  const most = share * all.length;
  const known = new Map<T, number>();
  const indexes = new Uint32Array(all.length);
  for (let row = 0; row < all.length; row += 1) {
    const value = all[row] as T;
    let index = known.get(value);
    if (index === undefined) {
      if (known.size + 1 > most || (known.size === SAMPLE && row === SAMPLE)) return undefined;
      index = known.size;
      known.set(value, index);
    }
    indexes[row] = index;
  }
  return { values: [...known.keys()], indexes };
}

function dictionary<T extends string | number>({ values, indexes }: Numbered<T>, plain: Buffer): Encoded<T> {
  // A reader may take a width of 0 for a mistake.
  const width = Math.max(1, 32 - Math.clz32(values.length - 1));
  const data = Buffer.concat([Buffer.of(width), run(indexes, width)]);
  return { encoding: 'RLE_DICTIONARY', data, dictionary: { values, plain } };
}

/** Whether most values are one more than the value before, as positions are. */
function countsUp(numbers: Float64Array): boolean {
  const sample = numbers.subarray(0, SAMPLE);
  return 2 * sample.filter((value, row) => value - (sample[row - 1] ?? Number.NaN) === 1).length > sample.length;
}

/** All texts one after the other, and the bytes of each. */
function utf8(texts: readonly string[]): { bytes: Buffer; lengths: Float64Array } {
  const text = texts.join('');
  const bytes = Buffer.from(text);
  const lengths = new Float64Array(texts.length);
  const isAscii = bytes.length === text.length;
  for (let row = 0; row < texts.length; row += 1) {
    lengths[row] = isAscii ? (texts[row] as string).length : Buffer.byteLength(texts[row] as string);
  }
  return { bytes, lengths };
}

/** How many texts have the length of the one before. */
function alike(lengths: Float64Array): number {
  let count = 0;
  for (let row = 1; row < lengths.length; row += 1) if (lengths[row] === lengths[row - 1]) count += 1;
  return count;
}

/** How many bytes each text shares with the one before; undefined when those are too few to be left out. */
function sharedWithFormer(bytes: Buffer, lengths: Float64Array): Float64Array | undefined {
  const shared = new Float64Array(lengths.length);
  let sum = 0;
  let start = 0;
  for (let row = 1; row < lengths.length; row += 1) {
    const former = start;
    start += lengths[row - 1] as number;
    shared[row] = sharedBytes(bytes, former, start, Math.min(start - former, lengths[row] as number));
    sum += shared[row] as number;
    if (row === SAMPLE && sum < SHARED_BYTES * SAMPLE) return undefined;
  }
  return sum >= SHARED_BYTES * lengths.length ? shared : undefined;
}

function sharedBytes(bytes: Buffer, one: number, other: number, most: number): number {
  let shared = 0;
  while (shared < most && bytes[one + shared] === bytes[other + shared]) shared += 1;
  return shared;
}

/** Leaves out what is shared; makes `lengths` those of the rest. */
function withoutShared(bytes: Buffer, lengths: Float64Array, shared: Float64Array): Buffer {
  let [start, at] = [0, 0];
  for (let row = 0; row < lengths.length; row += 1) {
    const end = start + (lengths[row] as number);
    bytes.copyWithin(at, start + (shared[row] as number), end);
    lengths[row] = (lengths[row] as number) - (shared[row] as number);
    at += lengths[row] as number;
    start = end;
  }
  return bytes.subarray(0, at);
}

/** As PLAIN has them: each behind its length. */
function plainTexts(texts: readonly string[]): Buffer {
  const { bytes, lengths } = utf8(texts);
  const plain = Buffer.allocUnsafe(bytes.length + 4 * texts.length);
  let [start, at] = [0, 0];
  for (const length of lengths) {
    at = plain.writeUInt32LE(length, at);
    at += bytes.copy(plain, at, start, start + length);
    start += length;
  }
  return plain;
}

function plainNumbers(numbers: ArrayLike<number>, type: ColumnType): Buffer {
  if (type !== 'timestamp') return Buffer.from(Int32Array.from(numbers).buffer);
  return Buffer.from(BigInt64Array.from(numbers, BigInt).buffer);
}
