/** After so many values, a column of which fewer than a twentieth came again is taken for one without repeats. */
const SAMPLE = 2048;
const SAMPLE_REPEATS = 0.95;

/**
 * The different values of one column in a row group, each once, as the bytes that Parquet's PLAIN encoding gives them,
 * and for every row which of them it holds. In a column without repeats a value may stand twice. Values are turned into
 * bytes as they come, so nothing of a response that was parsed is kept alive, and a value that comes again costs four
 * bytes.
 *
 * Inside, a value begins at a multiple of four bytes: it is hashed and compared a word at a time, which takes a quarter
 * of the time that single characters do.
 *
 * One file, although it is long: it is one hash table over arrays that all of its methods share, met 20 times an entry.
 */
export class ValueTable {
  #words = new Uint32Array(1 << 10);
  #bytes = Buffer.from(this.#words.buffer);
  /** Words taken by values; the next one is written here to be looked up. */
  #used = 0;
  /** Where each value begins, in words, and one more for the end. */
  #starts = new Uint32Array(1 << 8);
  #hashes = new Uint32Array(1 << 8);
  #distinct = 0;
  /** Which value is at a hash, counted from 1. A power of two. */
  #slots = new Uint32Array(1 << 9);
  #indexes = new Uint32Array(1 << 8);
  #count = 0;
  /** Columns such as the playlist's ID hold the same for a thousand rows. */
  #lastText = '';
  #lastIndex = 0;
  /** Whether values come again, so that it is worth looking them up. */
  #repeats = true;
  readonly #isText: boolean;

  constructor(isText: boolean) {
    this.#isText = isText;
  }

  /** Values taken, repeated ones too. */
  get count(): number {
    return this.#count;
  }

  get distinct(): number {
    return this.#distinct;
  }

  /** Bytes of the different values together, about. */
  get byteLength(): number {
    return this.#used * 4;
  }

  /** For every value taken, its number among the different ones. Valid until the next call. */
  get indexes(): Uint32Array {
    return this.#indexes.subarray(0, this.#count);
  }

  /** A copy of one of the different texts. */
  textOf(number: number): Uint8Array {
    const start = 4 * (this.#starts[number] as number) + 4;
    return Uint8Array.from(this.#bytes.subarray(start, start + this.textBytes(number)));
  }

  /** A value that was taken by addInt32 or addInt64. */
  number(number: number): number {
    const start = this.#starts[number] as number;
    const low = this.#words[start] as number;
    if ((this.#starts[number + 1] as number) - start === 1) return low | 0;
    return ((this.#words[start + 1] as number) | 0) * 4_294_967_296 + low;
  }

  /** Bytes of a text. */
  textBytes(number: number): number {
    return this.#words[this.#starts[number] as number] as number;
  }

  /** How many bytes two texts have alike from their beginning. */
  sharedBytes(one: number, other: number): number {
    const most = Math.min(this.textBytes(one), this.textBytes(other));
    if (one === other) return most;
    const first = 4 * (this.#starts[one] as number) + 4;
    const second = 4 * (this.#starts[other] as number) + 4;
    let shared = 0;
    while (shared < most && this.#bytes[first + shared] === this.#bytes[second + shared]) shared += 1;
    return shared;
  }

  /** Whether the first text's bytes come before the other's. */
  isBefore(one: number, other: number): boolean {
    const at = this.sharedBytes(one, other);
    if (at === this.textBytes(one) || at === this.textBytes(other)) return this.textBytes(one) < this.textBytes(other);
    const first = this.#bytes[4 * (this.#starts[one] as number) + 4 + at] as number;
    return first < (this.#bytes[4 * (this.#starts[other] as number) + 4 + at] as number);
  }

  /** These texts one after the other without their lengths, each from the byte on that `from` says. */
  text(numbers: Uint32Array, from: Float64Array): Buffer {
    let length = 0;
    for (let row = 0; row < numbers.length; row += 1) {
      length += this.textBytes(numbers[row] as number) - (from[row] as number);
    }
    const text = Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (let row = 0; row < numbers.length; row += 1) {
      const number = numbers[row] as number;
      const start = 4 * (this.#starts[number] as number) + 4;
      const end = start + this.textBytes(number);
      // Most are shorter than what a call of Buffer.copy takes the time of.
      for (let byte = start + (from[row] as number); byte < end; byte += 1) {
        text[at] = this.#bytes[byte] as number;
        at += 1;
      }
    }
    return text;
  }

  /** These values one after the other, as PLAIN has them. */
  plain(numbers: Uint32Array): Buffer {
    const values = Buffer.allocUnsafeSlow(this.#plainLength(numbers));
    let at = 0;
    for (const number of numbers) {
      const start = 4 * (this.#starts[number] as number);
      at += this.#bytes.copy(values, at, start, start + this.#plainBytes(number));
    }
    return values;
  }

  #plainLength(numbers: Uint32Array): number {
    let length = 0;
    for (const number of numbers) length += this.#plainBytes(number);
    return length;
  }

  #plainBytes(number: number): number {
    if (this.#isText) return 4 + this.textBytes(number);
    return 4 * ((this.#starts[number + 1] as number) - (this.#starts[number] as number));
  }

  /** Text that is well formed. */
  addText(text: string): void {
    if (text === this.#lastText && this.#count > 0) {
      this.#takeAgain(this.#lastIndex);
      return;
    }
    this.#lastText = text;
    // A UTF-16 unit takes three bytes of UTF-8 at most; a word for the length, one for the padding.
    this.#reserve(2 + Math.ceil((3 * text.length) / 4));
    const start = 4 * this.#used + 4;
    const length = this.#bytes.write(text, start);
    const end = start + length;
    for (let at = end; (at & 3) !== 0; at += 1) this.#bytes[at] = 0;
    this.#words[this.#used] = length;
    this.#take((end + 3) >>> 2);
    this.#lastIndex = this.#indexes[this.#count - 1] as number;
  }

  addInt32(value: number): void {
    this.#reserve(1);
    this.#words[this.#used] = value;
    this.#take(this.#used + 1);
  }

  /** A whole number that JavaScript holds exactly. */
  addInt64(value: number): void {
    this.#reserve(2);
    this.#words[this.#used] = value;
    this.#words[this.#used + 1] = Math.floor(value / 4_294_967_296);
    this.#take(this.#used + 2);
  }

  /** Forgets the values and keeps the memory. */
  clear(): void {
    this.#used = 0;
    this.#distinct = 0;
    this.#count = 0;
    this.#repeats = true;
    this.#slots.fill(0);
  }

  /** Takes what stands between #used and `end`: as a new value, or as one that is known. */
  #take(end: number): void {
    if (this.#count === SAMPLE) this.#repeats = this.#distinct < SAMPLE_REPEATS * SAMPLE;
    if (!this.#repeats) {
      this.#takeAgain(this.#append(0, end));
      return;
    }
    const words = this.#words;
    let mixed = end - this.#used;
    for (let at = this.#used; at < end; at += 1) {
      mixed = Math.imul(mixed ^ (words[at] as number), 0x9e3779b1);
      mixed ^= mixed >>> 15;
    }
    const hash = mixed >>> 0;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    let number = this.#slots[slot] as number;
    while (number !== 0) {
      if (this.#hashes[number - 1] === hash && this.#isSame(number - 1, end)) break;
      slot = (slot + 1) & mask;
      number = this.#slots[slot] as number;
    }
    if (number === 0) {
      number = this.#append(hash, end) + 1;
      this.#slots[slot] = number;
      if (number * 2 > this.#slots.length) this.#growSlots();
    }
    this.#takeAgain(number - 1);
  }

  #takeAgain(index: number): void {
    if (this.#count === this.#indexes.length) this.#indexes = grown(this.#indexes);
    this.#indexes[this.#count] = index;
    this.#count += 1;
  }

  #append(hash: number, end: number): number {
    const number = this.#distinct;
    if (number + 1 >= this.#starts.length) this.#starts = grown(this.#starts);
    if (this.#repeats && number >= this.#hashes.length) this.#hashes = grown(this.#hashes);
    this.#starts[number] = this.#used;
    this.#starts[number + 1] = end;
    if (this.#repeats) this.#hashes[number] = hash;
    this.#used = end;
    this.#distinct = number + 1;
    return number;
  }

  #isSame(number: number, end: number): boolean {
    const start = this.#starts[number] as number;
    const candidate = this.#used;
    const length = end - candidate;
    if ((this.#starts[number + 1] as number) - start !== length) return false;
    const words = this.#words;
    for (let at = 0; at < length; at += 1) if (words[start + at] !== words[candidate + at]) return false;
    return true;
  }

  #growSlots(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 1; number <= this.#distinct; number += 1) {
      let slot = (this.#hashes[number - 1] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
    this.#slots = slots;
  }

  #reserve(words: number): void {
    if (this.#used + words <= this.#words.length) return;
    const former = this.#words.subarray(0, this.#used);
    this.#words = new Uint32Array(Math.max(2 * this.#words.length, this.#used + words));
    this.#words.set(former);
    this.#bytes = Buffer.from(this.#words.buffer);
  }
}

function grown(former: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const array = new Uint32Array(former.length * 2);
  array.set(former);
  return array;
}
