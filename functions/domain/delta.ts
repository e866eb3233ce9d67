/**
 * Parquet's delta encodings, which Trino, DuckDB and pyarrow read: https://parquet.apache.org/docs/file-format/data-pages/encodings/
 * and, for Trino, https://github.com/trinodb/trino/pull/15923.
 */

const BLOCK = 128;
const MINIBLOCKS = 4;
const MINIBLOCK = BLOCK / MINIBLOCKS;
/** The differences of whole numbers up to here, and what lies between two of those, are exact in a double. */
export const LARGEST_DELTA_VALUE = 2 ** 51;

/** DELTA_BINARY_PACKED. Whole numbers up to LARGEST_DELTA_VALUE either way, of which INT32 has those it can hold. */
export function deltaPacked(values: Float64Array): Buffer {
  const { length } = values;
  // At most 53 bits a value, and 15 bytes before a block.
  const out = Buffer.allocUnsafe(40 + Math.ceil(length / BLOCK) * (BLOCK * 7 + 15));
  let at = varintTo(out, 0, BLOCK);
  at = varintTo(out, at, MINIBLOCKS);
  at = varintTo(out, at, length);
  at = varintTo(out, at, length === 0 ? 0 : zigzag(values[0] as number));
  const deltas = new Float64Array(BLOCK);
  for (let start = 1; start < length; start += BLOCK) {
    const count = Math.min(BLOCK, length - start);
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < count; index += 1) {
      const delta = (values[start + index] as number) - (values[start + index - 1] as number);
      deltas[index] = delta;
      if (delta < least) least = delta;
    }
    for (let index = 0; index < BLOCK; index += 1)
      deltas[index] = index < count ? (deltas[index] as number) - least : 0;
    at = blockTo(out, varintTo(out, at, zigzag(least)), deltas);
  }
  return out.subarray(0, at);
}

/** A bit width for each miniblock, then the miniblocks. */
function blockTo(out: Buffer, start: number, deltas: Float64Array): number {
  let at = start + MINIBLOCKS;
  for (let miniblock = 0; miniblock < MINIBLOCKS; miniblock += 1) {
    const first = miniblock * MINIBLOCK;
    let most = 0;
    for (let index = first; index < first + MINIBLOCK; index += 1) most = Math.max(most, deltas[index] as number);
    const width = bitWidth(most);
    out[start + miniblock] = width;
    at = width === 0 ? at : packedTo(out, at, deltas, first, width);
  }
  return at;
}

/** A miniblock's numbers, lowest bits first, 16 bits at a time: `<<` knows 32 bits only. */
function packedTo(out: Buffer, start: number, deltas: Float64Array, first: number, width: number): number {
  let at = start;
  let held = 0;
  let bits = 0;
  for (let index = first; index < first + MINIBLOCK; index += 1) {
    let rest = deltas[index] as number;
    for (let left = width; left > 0; left -= 16) {
      const low = rest % 65_536;
      rest = (rest - low) / 65_536;
      held |= low << bits;
      for (bits += Math.min(left, 16); bits >= 8; bits -= 8) {
        out[at] = held & 0xff;
        at += 1;
        held >>>= 8;
      }
    }
  }
  return at;
}

const bitWidth = (value: number): number =>
  value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 2 ** 32));

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

function varintTo(out: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    out[at] = (rest % 0x80) | 0x80;
    at += 1;
  }
  out[at] = rest;
  return at + 1;
}
