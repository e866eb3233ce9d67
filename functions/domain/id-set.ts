/**
 * A set of IDs that remembers the bytes of most of them side by side instead of as JavaScript strings: about 35 bytes an ID
 * of 22 characters where a Set takes 90, so a million tracks fit into a small Lambda.
 */
export interface IdSet {
  /** Adds the ID; false when it was there already. */
  add(id: string): boolean;
}

/** IDs are cut into chunks of this many bytes, so that growing never copies them. */
const CHUNK_BYTES = 1 << 20;
const FIRST_SLOTS = 1 << 12;
/** So many IDs are kept as strings: the first to be met are met most often, and a Set finds one three times as fast. */
const STRING_IDS = 1 << 14;

export function createIdSet(): IdSet {
  const chunks: Uint8Array[] = [];
  // The first IDs, and any other than Spotify's own: those are rare, and nothing is assumed about them.
  const strings = new Set<string>();
  let used = CHUNK_BYTES;
  let count = 0;
  // A slot holds the hash and where the ID stands, counted from 1.
  let slots = new Uint32Array(2 * FIRST_SLOTS);

  const startOf = (number: number): [chunk: Uint8Array, at: number] => {
    const perChunk = Math.floor(CHUNK_BYTES / ID_BYTES);
    const chunk = chunks[Math.floor((number - 1) / perChunk)] as Uint8Array;
    return [chunk, ((number - 1) % perChunk) * ID_BYTES];
  };

  function isSame(id: string, number: number): boolean {
    const [chunk, at] = startOf(number);
    for (let index = 0; index < ID_BYTES; index += 1) if (chunk[at + index] !== id.charCodeAt(index)) return false;
    return true;
  }

  function store(id: string): number {
    if (used + ID_BYTES > CHUNK_BYTES) {
      chunks.push(new Uint8Array(CHUNK_BYTES));
      used = 0;
    }
    const chunk = chunks.at(-1) as Uint8Array;
    for (let index = 0; index < ID_BYTES; index += 1) chunk[used + index] = id.charCodeAt(index);
    used += ID_BYTES;
    count += 1;
    return count;
  }

  function grow(): void {
    const former = slots;
    slots = new Uint32Array(former.length * 2);
    const mask = slots.length / 2 - 1;
    for (let slot = 0; slot < former.length; slot += 2) {
      const number = former[slot + 1] as number;
      if (number === 0) continue;
      let place = (former[slot] as number) & mask;
      while (slots[2 * place + 1] !== 0) place = (place + 1) & mask;
      slots[2 * place] = former[slot] as number;
      slots[2 * place + 1] = number;
    }
  }

  return {
    add(id) {
      if (strings.has(id)) return false;
      const hash = strings.size < STRING_IDS ? undefined : hashOf(id);
      if (hash === undefined) {
        strings.add(id);
        return true;
      }
      const mask = slots.length / 2 - 1;
      let place = hash & mask;
      for (let number = slots[2 * place + 1] as number; number !== 0; number = slots[2 * place + 1] as number) {
        if (slots[2 * place] === hash && isSame(id, number)) return false;
        place = (place + 1) & mask;
      }
      slots[2 * place] = hash;
      slots[2 * place + 1] = store(id);
      if (count * 3 > slots.length) grow();
      return true;
    },
  };
}

/** Spotify's IDs: 128 bits in base 62. */
const ID_BYTES = 22;

/** 32 bits of the ID; undefined when it is not of Spotify's form (22 characters of ASCII). */
function hashOf(id: string): number | undefined {
  if (id.length !== ID_BYTES) return undefined;
  let hash = 2_166_136_261;
  for (let index = 0; index < ID_BYTES; index += 1) {
    const code = id.charCodeAt(index);
    if (code > 0x7f) return undefined;
    hash = Math.imul(hash ^ code, 16_777_619);
  }
  // The low bits choose the slot: they have to depend on every character.
  return (hash ^ (hash >>> 15)) >>> 0;
}
