import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Refusal } from './refusal.ts';

export type Headers = Readonly<Record<string, string | undefined>>;

/** Digests that a request may carry, in base64. CRC-32 is what the SDK adds to every upload by itself. */
const DIGESTS: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  'x-amz-checksum-crc32': crc32Digest,
  'x-amz-checksum-sha1': (bytes) => createHash('sha1').update(bytes).digest(),
  'x-amz-checksum-sha256': (bytes) => createHash('sha256').update(bytes).digest(),
  'content-md5': (bytes) => createHash('md5').update(bytes).digest(),
};

/**
 * The bytes a request carries, whatever the form: bytes, text, or a stream, `aws-chunked` or not. Throws a Refusal when
 * they are not as long as announced or a checksum does not fit, or is of a kind that cannot be checked here.
 */
export async function readBody(headers: Headers, body: unknown): Promise<Uint8Array> {
  const received = await collect(body);
  const chunked = headers['content-encoding']?.split(',').some((coding) => coding.trim() === 'aws-chunked');
  const { bytes, trailers } = chunked ? decodeChunks(received) : { bytes: received, trailers: {} };
  checkLength(bytes, chunked ? headers['x-amz-decoded-content-length'] : headers['content-length']);
  checkDigests(bytes, { ...headers, ...trailers });
  return bytes;
}

async function collect(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof ArrayBuffer) return Buffer.from(body);
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<unknown>) parts.push(await collect(part));
  return Buffer.concat(parts);
}

/** `<length in hex>[;extension]\r\n<bytes>\r\n` … `0\r\n<trailers>\r\n`, as Amazon S3's "aws-chunked" describes it. */
function decodeChunks(received: Buffer): { bytes: Buffer; trailers: Headers } {
  const chunks: Buffer[] = [];
  let position = 0;
  const line = (): string => {
    const end = received.indexOf('\r\n', position);
    if (end < 0) throw incomplete('a chunk without its end');
    const text = received.toString('latin1', position, end);
    position = end + 2;
    return text;
  };
  for (;;) {
    const header = line();
    const length = /^[0-9a-f]+(;|$)/i.test(header) ? Number.parseInt(header, 16) : Number.NaN;
    if (Number.isNaN(length)) throw incomplete('a chunk without its length');
    if (length === 0) break;
    const chunk = received.subarray(position, position + length);
    position += length;
    if (chunk.length < length || line() !== '') throw incomplete('a chunk that is not as long as it says');
    chunks.push(chunk);
  }
  const trailers: Record<string, string> = {};
  for (let text = line(); text !== ''; text = line()) {
    const [name = '', ...value] = text.split(':');
    trailers[name.trim().toLowerCase()] = value.join(':').trim();
  }
  return { bytes: Buffer.concat(chunks), trailers };
}

const incomplete = (what: string) => new Refusal(400, 'IncompleteBody', `the body is not whole: ${what}`);

function checkLength(bytes: Uint8Array, announced: string | undefined): void {
  if (announced === undefined || Number(announced) === bytes.length) return;
  throw incomplete(`${bytes.length} bytes came, ${announced} were announced`);
}

function checkDigests(bytes: Uint8Array, headers: Headers): void {
  const announced = headers['x-amz-trailer']?.toLowerCase();
  if (announced !== undefined && headers[announced] === undefined) throw incomplete(`${announced} did not follow`);
  for (const [name, expected] of Object.entries(headers)) {
    if (name !== 'content-md5' && !/^x-amz-checksum-(?!type$|algorithm$)/.test(name)) continue;
    const digest = DIGESTS[name];
    if (!digest) throw new Refusal(501, 'NotImplemented', `${name} cannot be checked here; use CRC32`);
    if (digest(bytes).toString('base64') === expected) continue;
    throw new Refusal(400, 'BadDigest', `the body does not fit its ${name}: it was changed on the way`);
  }
}

function crc32Digest(bytes: Uint8Array): Buffer {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(bytes));
  return digest;
}
