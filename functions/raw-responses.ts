import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Lake } from './adapters/lake.ts';
import { type RawPlace, type RunPlace, rawKey } from './domain/lake-paths.ts';
import type { RawObject } from './domain/manifest.ts';

/** Spotify's responses in the lake: as received, gzipped, each under a key of its own. */

const zip = promisify(gzip);
const unzip = promisify(gunzip);

const stored = (gzipped: Uint8Array) => ({
  bytes: gzipped.byteLength,
  sha256: createHash('sha256').update(gzipped).digest('hex'),
});

/** Which one it is, and how many entries it holds. */
export type RawResponse = Omit<RawPlace, keyof RunPlace> & { readonly entries: number };

/** Uses the body up. */
export async function storeRaw(
  body: Uint8Array,
  response: RawResponse,
  { lake, place }: { lake: Lake; place: RunPlace },
): Promise<RawObject> {
  const { offset, entries } = response;
  const key = rawKey({ ...place, ...response });
  const gzipped = await zip(body);
  // Left to the garbage collector, bodies pile up: 25 MB of them at 170 KB a page.
  if (body.buffer instanceof ArrayBuffer && body.byteLength === body.buffer.byteLength) body.buffer.transfer(0);
  await lake.put(key, gzipped, 'application/gzip');
  return { key, offset, entries, ...stored(gzipped) };
}

/** A stored response; undefined when there is none that can be read, so that Spotify is asked instead. */
export async function loadRaw(key: string, lake: Lake) {
  const gzipped = await lake.get(key);
  if (!gzipped) return undefined;
  try {
    const json: unknown = JSON.parse((await unzip(gzipped)).toString('utf8'));
    return { json, stored: stored(gzipped) };
  } catch {
    return undefined;
  }
}
