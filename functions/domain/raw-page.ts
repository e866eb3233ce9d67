import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { ContractError } from './errors.ts';
import { parseRawKey } from './lake-paths.ts';
import type { RawObject } from './manifest.ts';
import { createMarketCutter } from './market-lists.ts';
import { parseFirst, parsePage } from './page-checks.ts';
import type { SpotifyPage, SpotifyPlaylist } from './spotify-schemas.ts';

/** One raw object, opened. */
export interface RawPage {
  /** Present in the object of offset 0: the playlist with its first page (saved tracks: a page); others are pages. */
  readonly playlist: SpotifyPlaylist | undefined;
  /** The entries as Spotify sent them, but without market codes. */
  readonly entries: readonly unknown[];
  /** An entry exactly as Spotify sent it. Parses the whole response again the first time, so it is for rare cases. */
  readonly whole: (index: number) => unknown;
}

/** The longest response worth a buffer of its own size; larger ones grow as they are read. */
const LARGEST_BUFFER = 64 << 20;

/**
 * Makes a function that opens raw objects one after the other. It throws ContractError when an object is not what the
 * manifest says.
 */
export function createRawReader(): (gzipped: Uint8Array, object: RawObject) => RawPage {
  const withoutMarkets = createMarketCutter();
  return (gzipped, object) => {
    const { key, sha256 } = object;
    if (createHash('sha256').update(gzipped).digest('hex') !== sha256) {
      throw new ContractError(`${key} has changed since it was written: its SHA-256 is not the manifest's`);
    }
    const { page, playlist } = parseRaw(textOf(gzipped, key, withoutMarkets), object);
    let whole: readonly unknown[] | undefined;
    return {
      playlist,
      entries: page.items,
      whole: (index) => {
        whole ??= parseRaw(textOf(gzipped, key, String), object).page.items;
        return whole[index];
      },
    };
  };
}

/** A buffer this large is one of its own, not a part of the 64 KB that Node shares among small ones. */
const OWN_BUFFER = 1 << 17;

function textOf(gzipped: Uint8Array, key: string, read: (json: Buffer) => string): string {
  const json = unpack(gzipped, key);
  const text = read(json);
  // Half a megabyte a page: left to the garbage collector, it costs a fifth of the run's time and twice its memory.
  if (json.buffer.byteLength >= OWN_BUFFER) json.buffer.transfer(0);
  return text;
}

function unpack(gzipped: Uint8Array, key: string): Buffer<ArrayBuffer> {
  // The last four bytes say how long the content is: with a buffer a little longer nothing has to be put together.
  const length = gzipped.length < 4 ? 0 : Buffer.from(gzipped.slice(-4)).readUInt32LE();
  try {
    return gunzipSync(gzipped, { chunkSize: Math.min(length + 64, LARGEST_BUFFER) });
  } catch (cause) {
    throw new ContractError(`${key} is not gzipped JSON`, { cause });
  }
}

function parseRaw(
  json: string,
  { key, offset, entries }: RawObject,
): { page: SpotifyPage; playlist: SpotifyPlaylist | undefined } {
  const parsed = parseJson(json, key);
  const first = offset === 0 ? parseFirst(parsed, parseRawKey(key)?.playlistId ?? '', key) : undefined;
  const page = offset === 0 ? first?.page : parsePage(parsed, key);
  if (page?.offset === offset && page.items.length === entries) return { page, playlist: first?.playlist };
  throw new ContractError(`${key} does not hold the ${entries} entries from ${offset} on that the manifest names`);
}

function parseJson(json: string, key: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ContractError(`${key} is not gzipped JSON`, { cause });
  }
}
