import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeNumbers } from '../../../functions/domain/column-encoding.ts';
import { deltaPacked } from '../../../functions/domain/delta.ts';
import { createTableWriter } from '../../../functions/domain/parquet.ts';
import type { Row } from '../../../functions/domain/tables.ts';
import { readFooter, readParquet } from '../../support/read-parquet.ts';

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

/** The lists of a column, of which one is often empty, or holds nulls, or many elements. */
const lists: Record<string, (row: number) => (string | null)[]> = {
  different: (row) => Array.from({ length: row % 4 }, (_, index) => `id-${(row * 7919 + index) % 100_003}`),
  repeated: (row) => [`a${row % 5}`, `b${row % 3}`],
  'one element each': (row) => [`${row}`],
  'nulls at every place': (row) => [0, 1, 2].map((bit) => (row & (1 << bit) ? `${row}-${bit}` : null)),
  'nulls only': () => [null],
  'empty all': () => [],
  'empty at the end': (row) => (row === 0 ? ['x', null] : []),
  'a long one': (row) =>
    row === 1 ? Array.from({ length: 700 }, (_, index) => (index % 3 ? `${index}` : null)) : [''],
};

const album: Row<'albums'> = {
  album_id: 'a',
  name: null,
  artist_ids: [],
  album_type: null,
  release_date_text: null,
  release_date_precision: null,
  release_date: null,
  total_tracks: null,
  label: null,
  popularity: null,
  image_url: null,
  uri: null,
  external_url: null,
};

const FAR = 4_000_000_000_000;

/** A column's values: each new, few different ones, alike at their beginning, counting up, the ends of their range. */
const texts: Record<string, (row: number) => string | null> = {
  different: (row) => `${(row * 7919) % 100_003} é𝄞`,
  repeated: (row) => `name ${row % 5}`,
  'alike at their beginning': (row) => `https://i.scdn.co/image/ab67616d0000b273${row}`,
  'alike up to half a character': (row) => `spotify:local:${'éèêë'[row % 4]}${row}`,
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

const DAY_MS = 86_400_000;
const days: Record<string, (row: number) => number | null> = {
  different: (row) => (row * 7919) % 40_003,
  repeated: (row) => (row % 5) - 2,
  'from the first year to the last': (row) => (row % 2 ? 2_932_896 : -719_162),
  'null now and then': (row) => (row % 3 ? row : null),
};

test.each(cases(days))('days: %s, %i rows, are read back too', async (kind, size) => {
  const values = Array.from({ length: size }, (_, row) => days[kind]?.(row) ?? null);
  const writer = createTableWriter('albums');
  for (const value of values) {
    writer.append({ ...album, release_date: value === null ? null : new Date(value * DAY_MS) });
  }
  const read = await readParquet(writer.finish() as Uint8Array, "release_date - date '1970-01-01' as day");
  expect(read.map(({ day }) => (day === null ? null : Number(day)))).toEqual(values);
});

describe('the footer', () => {
  const rows = Array.from({ length: 1200 }, (_, row) => ({
    ...EMPTY,
    playlist_id: ['b', 'ba', 'Z', '\ue000', '𝄞', 'a'][row % 6] as string,
    position: (row % 100) + 7,
    album_name: `album ${row % 7}`,
    kind: row % 2 ? 'track' : 'local',
    duration_ms: row === 500 ? null : (row * 7919) % 1009,
    explicit: row < 600 ? true : null,
    is_playable: row % 2 === 0,
    added_at: new Date(1_500_000_000_000 - row * 1000),
  }));
  const footer = async (columns: string): Promise<Record<string, Record<string, unknown>>> => {
    const writer = createTableWriter('playlist_items');
    for (const row of rows) writer.append(row);
    const read = await readFooter(writer.finish() as Uint8Array, `path_in_schema, ${columns}`);
    return Object.fromEntries(read.map(({ path_in_schema, ...rest }) => [path_in_schema, rest]));
  };

  test('names the least and the greatest value, by which a query leaves out row groups', async () => {
    const read = await footer('stats_min_value as least, stats_max_value as greatest, stats_null_count as nulls');
    const none = { least: null, greatest: null };
    expect(read).toMatchObject({
      // By their bytes: of UTF-16 units, the order would be another.
      playlist_id: { least: 'Z', greatest: '𝄞', nulls: '0' },
      position: { least: '7', greatest: '106' },
      album_name: none,
      duration_ms: { least: '0', greatest: '1008', nulls: '1' },
      explicit: { least: 'true', greatest: 'true', nulls: '600' },
      is_playable: { least: 'false', greatest: 'true' },
      added_at: { least: '2017-07-14 02:20:01', greatest: '2017-07-14 02:40:00' },
      title: { ...none, nulls: '1200' },
      uri: none,
    });
  });

  test('says how each column is written', async () => {
    const read = await footer('encodings, compression');
    expect(read).toMatchObject({
      playlist_id: { encodings: 'PLAIN, RLE, RLE_DICTIONARY', compression: 'ZSTD' },
      position: { encodings: 'PLAIN, RLE, DELTA_BINARY_PACKED' },
      added_at: { encodings: 'PLAIN, RLE, DELTA_BINARY_PACKED' },
      title: { encodings: 'PLAIN, RLE', compression: 'UNCOMPRESSED' },
    });
  });
});

test('numbers whose differences do not fit their type are written one by one', () => {
  const ends = Float64Array.of(-(2 ** 31), 2 ** 31 - 1, 5);
  expect(encodeNumbers(ends, 'int', 2 ** 32 - 1).encoding).toBe('PLAIN');
  expect(encodeNumbers(ends, 'timestamp', 2 ** 32 - 1).encoding).toBe('DELTA_BINARY_PACKED');
  expect(encodeNumbers(ends, 'timestamp', 2 ** 51).encoding).toBe('PLAIN');
});

describe('lists', () => {
  const track: Row<'tracks'> = {
    track_id: 't',
    name: null,
    album_id: null,
    artist_ids: [],
    disc_number: null,
    track_number: null,
    duration_ms: null,
    explicit: null,
    isrc: null,
    popularity: null,
    uri: null,
    external_url: null,
  };

  test.each(cases(lists))('%s, %i rows', async (kind, size) => {
    const values = Array.from({ length: size }, (_, row) => lists[kind]?.(row) ?? []);
    const writer = createTableWriter('tracks');
    for (const artist_ids of values) writer.append({ ...track, artist_ids });
    const read = await readParquet(writer.finish() as Uint8Array, 'artist_ids, track_id');
    expect(read).toEqual(values.map((artist_ids) => ({ artist_ids, track_id: 't' })));
  });

  test('more than one row group and file, each with its own', async () => {
    const writer = createTableWriter('tracks');
    const of = (row: number) => [`a${row % 7}`, null, `b${row}`].slice(row % 4);
    for (let row = 0; row < 50_010; row += 1) writer.append({ ...track, artist_ids: of(row) });
    const files = [writer.cut(), writer.finish() as Uint8Array];
    const read = (await Promise.all(files.map((file) => readParquet(file, 'artist_ids')))).flat();
    expect(read.map(({ artist_ids }) => artist_ids)).toEqual(Array.from({ length: 50_010 }, (_, row) => of(row)));
  });

  test.each([[null], ['a'], [[1]], [[undefined]], [[['a']]]])('%j is not one of texts', (value) => {
    const writer = createTableWriter('tracks');
    expect(() => writer.append({ ...track, artist_ids: value as unknown as string[] })).toThrow(TypeError);
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

test('a release date is stored without its day', async () => {
  const texts = ['1981-12-15', '1981-12', '1981', '0000', '{', '1981-12-16'];
  const writer = createTableWriter('albums');
  for (const release_date_text of texts) {
    writer.append({ ...album, release_date_text, release_date: new Date('1981-12-15') });
  }
  const read = await readParquet(writer.finish() as Uint8Array, 'release_date_text');
  expect(read.map((row) => row.release_date_text)).toEqual(['{date}', '1981-12', '1981', '0000', '{}', '1981-12-16']);
});

test('a difference of any size up to 2^52 is packed and unpacked', () => {
  const value = fc.oneof(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), fc.integer({ min: -3, max: 3 }));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 300 }), (values) => {
      expect(unpacked(deltaPacked(Float64Array.from(values)))).toEqual(values);
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
