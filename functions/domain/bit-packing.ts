/** One run of bit-packed numbers, as the RLE/bit-packing hybrid of https://parquet.apache.org/docs/file-format/data-pages/encodings/ has it. */
export const run = (numbers: Uint32Array, width: number): Buffer =>
  Buffer.concat([varint(Math.ceil(numbers.length / 8) * 2 + 1), packed(numbers, width)]);

/** `width` bits a number, lowest first, padded to a multiple of 8 numbers. */
export function packed(numbers: Uint32Array, width: number): Buffer {
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
