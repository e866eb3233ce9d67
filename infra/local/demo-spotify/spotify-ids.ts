import { createHash } from 'node:crypto';

const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 22;

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** An ID as Spotify writes them: 128 bits in 22 characters of base 62, so the first is 0 to 7. Same key, same ID. */
export function spotifyId(kind: 'artist' | 'album' | 'track' | 'episode' | 'show', key: string): string {
  let rest = BigInt(`0x${sha256(`${kind}:${key}`).toString('hex', 0, 16)}`);
  let id = '';
  for (; rest > 0n; rest /= 62n) id = BASE_62.charAt(Number(rest % 62n)) + id;
  return id.padStart(ID_LENGTH, '0');
}

/** The part of an image's address that tells covers apart: 24 hexadecimal digits. */
export const imageId = (key: string): string => sha256(`image:${key}`).toString('hex', 0, 12);

/**
 * An International Standard Recording Code: country, registrant, two digits of the year, five of a number. ZZ is no
 * country's code, so that none of these belongs to a real recording. An album without a year counts as 00.
 */
export function isrc(trackKey: string, releaseDate: string): string {
  const number = sha256(`isrc:${trackKey}`).readUInt32BE() % 100_000;
  return `ZZLKE${releaseDate.slice(2, 4).padStart(2, '0')}${String(number).padStart(5, '0')}`;
}

/** A playlist's version, 32 characters of base 64 made of its state: the same state has the same version. */
export const snapshotIdOf = (state: unknown): string =>
  createHash('sha256').update(JSON.stringify(state)).digest().toString('base64', 0, 24);
