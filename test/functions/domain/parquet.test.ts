import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deltaPacked } from '../../../functions/domain/delta.ts';
import { createTableWriter } from '../../../functions/domain/parquet.ts';
import type { Row } from '../../../functions/domain/tables.ts';
import { readParquet } from '../../support/read-parquet.ts';

const EMPTY: Row<'playlist_items'> = {
  playlist_id: 'P',
  position: 0,
  kind: 'track',
  uri: null,
  track_id: null,
  episode_id: null,
  title: null,
  artist_names: null,
  album_name: null,
  show_name: null,
  duration_ms: null,
  explicit: null,
  added_at: null,
  added_by_id: null,
  is_playable: null,
  linked_from_id: null,
};

const FAR = 4_000_000_000_000;

/** A column's values: each new, few different ones, alike at their beginning, counting up, the ends of their range. */
const texts: Record<string, (row: number) => string | null> = {
  different: (row) => `${(row * 7919) % 100_003} é𝄞`,
  repeated: (row) => `name ${row % 5}`,
  'alike at their beginning': (row) => `https://i.scdn.co/image/ab67616d0000b273${row}`,
  'of every length': (row) => 'x'.repeat(row % 300),
  'null now and then': (row) => (row % 3 ? `t${row}` : null),
  'null always': () => null,
};
const numbers: Record<string, (row: number) => number | null> = {
  different: (row) => (row * 7919) % 100_003,
  repeated: (row) => row % 5,
  'counting up': (row) => row % 1000,
  'from end to end': (row) => (row % 2 ? 2 ** 31 - 1 - row : -(2 ** 31) + row),
  'far apart': (row) => (row % 2 ? 2 ** 31 - 1 - row : 0),
  'null now and then': (row) => (row % 3 ? row * 17 : null),
};
const times: Record<string, (row: number) => number | null> = {
  different: (row) => 1_500_000_000_000 + ((row * 7919) % 100_003) * 1000,
  repeated: (row) => row % 5,
  'from year 1843 to 2096': (row) => (row % 2 ? FAR - row : row - FAR),
  'null now and then': (row) => (row % 3 ? row * 1e9 : null),
};

async function roundTrip<C extends keyof Row<'playlist_items'>>(column: C, values: Row<'playlist_items'>[C][]) {
  const writer = createTableWriter('playlist_items');
  for (const value of values) writer.append({ ...EMPTY, [column]: value });
  return (await readParquet(writer.finish() as Uint8Array, column)).map((row) => row[column]);
}

const SIZES = [1, 130, 2500];
const cases = (kinds: object) => Object.keys(kinds).flatMap((kind) => SIZES.map((size) => [kind, size] as const));

describe('what is written is read back by DuckDB, whatever the encoding', () => {
  test.each(cases(texts))('text: %s, %i rows', async (kind, size) => {
    const values = Array.from({ length: size }, (_, row) => texts[kind]?.(row) ?? null);
    expect(await roundTrip('title', values)).toEqual(values);
  });

  test.each(cases(numbers))('numbers: %s, %i rows', async (kind, size) => {
    const values = Array.from({ length: size }, (_, row) => numbers[kind]?.(row) ?? null);
    expect(await roundTrip('duration_ms', values)).toEqual(values);
  });

  test.each(cases(times))('times: %s, %i rows', async (kind, size) => {
    const values = Array.from({ length: size }, (_, row) => times[kind]?.(row) ?? null);
    const dates = values.map((value) => (value === null ? null : new Date(value)));
    const read = await roundTrip('added_at', dates);
    const inMs = read.map((text) => (text === null ? null : Date.parse(`${String(text).replace(' ', 'T')}Z`)));
    expect(inMs).toEqual(values);
  });
});

test('a link is stored without its ID', async () => {
  const writer = createTableWriter('artists');
  const external_url = 'https://open.spotify.com/artist/abc';
  writer.append({ artist_id: 'abc', name: null, uri: 'spotify:artist:{', external_url });
  expect(await readParquet(writer.finish() as Uint8Array)).toEqual([
    { artist_id: 'abc', name: null, uri: 'spotify:artist:{}', external_url: 'https://open.spotify.com/artist/{id}' },
  ]);
});

test('a difference of any size up to 2^52 is packed and unpacked', () => {
  const value = fc.oneof(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), fc.integer({ min: -3, max: 3 }));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 300 }), (values) => {
      expect(unpacked(deltaPacked(values))).toEqual(values);
    }),
  );
});

/** DELTA_BINARY_PACKED as the specification has it, in BigInt. */
function unpacked(bytes: Buffer): number[] {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++] as number);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  };
  const zigzag = () => {
    const value = varint();
    return value & 1n ? -(value >> 1n) - 1n : value >> 1n;
  };
  const [block, miniblocks, count] = [Number(varint()), Number(varint()), Number(varint())];
  let last = zigzag();
  const values = count > 0 ? [Number(last)] : [];
  while (values.length < count) {
    const least = zigzag();
    const widths = [...bytes.subarray(at, at + miniblocks)];
    at += miniblocks;
    for (const width of widths) {
      let packed = 0n;
      const length = (width * block) / miniblocks / 8;
      for (let byte = length - 1; byte >= 0; byte -= 1) packed = (packed << 8n) | BigInt(bytes[at + byte] as number);
      at += length;
      for (let index = 0; index < block / miniblocks && values.length < count; index += 1) {
        last += least + (packed & ((1n << BigInt(width)) - 1n));
        packed >>= BigInt(width);
        values.push(Number(last));
      }
    }
  }
  return values;
}
