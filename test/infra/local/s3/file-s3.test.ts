import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readBody } from '../../../../infra/local/s3/body.ts';
import { createFileS3Client } from '../../../../infra/local/s3/file-s3.ts';
import { refusalOf } from '../../../../infra/local/s3/refusal.ts';

const Bucket = 'any';
let root: string;
let client: S3Client;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'file-s3-'));
  client = createFileS3Client(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const put = (Key: string, Body: Uint8Array | string | Readable = 'text') =>
  client.send(new PutObjectCommand({ Bucket, Key, Body }));

const get = async (Key: string): Promise<string | undefined> =>
  (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

const page = (options: { Prefix?: string; MaxKeys?: number; ContinuationToken?: string; StartAfter?: string } = {}) =>
  client.send(new ListObjectsV2Command({ Bucket, ...options }));

const listedKeys = async (Prefix = ''): Promise<(string | undefined)[]> =>
  ((await page({ Prefix })).Contents ?? []).map(({ Key }) => Key);

const nameOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: Error) => error.name,
  );

function writeFiles(keys: readonly string[]): void {
  for (const folder of new Set(keys.map((key) => dirname(join(root, key))))) mkdirSync(folder, { recursive: true });
  for (const key of keys) writeFileSync(join(root, key), '');
}

/** Changes the request after the SDK has added its checksum, as a faulty connection would. */
function corrupt(change: (body: unknown) => unknown): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: unknown };
      request.body = change(request.body);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
}

/** The SDK warns on the console that a stream cannot be sent again. */
function silence(): void {
  const silent = () => undefined;
  client.config.logger = { debug: silent, info: silent, warn: silent, error: silent };
}

describe('objects', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);

  test.each<[string, () => Uint8Array | string | Readable, Uint8Array]>([
    ['bytes', () => bytes, bytes],
    ['no bytes', () => new Uint8Array(), new Uint8Array()],
    ['text', () => 'žluť', Buffer.from('žluť')],
    ['a stream, which the SDK sends aws-chunked', () => Readable.from([bytes, bytes]), Buffer.concat([bytes, bytes])],
  ])('%s come back as they were put, and stand in the file as they are', async (_, body, expected) => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'a/b.bin', Body: body(), ContentLength: expected.length }));
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: 'a/b.bin' }));
    expect(Buffer.compare((await answer.Body?.transformToByteArray()) ?? Buffer.from('none'), expected)).toBe(0);
    expect(answer.ContentLength).toBe(expected.length);
    expect(Buffer.compare(await readFile(join(root, 'a/b.bin')), expected)).toBe(0);
  });

  test('web streams are read too', async () => {
    const body = new Blob(['ab', 'cd']).stream();
    expect(Buffer.from(await readBody({ 'content-length': '4' }, body)).toString()).toBe('abcd');
  });

  test('one that is put again is replaced, and its ETag changes', async () => {
    const first = await put('a', 'one');
    const second = await put('a', 'two');
    expect(await get('a')).toBe('two');
    expect(second.ETag).not.toBe(first.ETag);
  });

  test('one that is not there is NoSuchKey, a folder and what is below a file as well', async () => {
    await put('folder/file');
    expect(await nameOf(get('absent'))).toBe('NoSuchKey');
    expect(await nameOf(get('folder'))).toBe('NoSuchKey');
    expect(await nameOf(get('folder/file/below'))).toBe('NoSuchKey');
    expect(await nameOf(client.send(new HeadObjectCommand({ Bucket, Key: 'folder' })))).toBe('NotFound');
  });

  test('HeadObject tells size and time', async () => {
    await put('a', '12345');
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }));
    expect(head.ContentLength).toBe(5);
    expect(head.LastModified?.getTime()).toBe(Math.floor((await stat(join(root, 'a'))).mtimeMs / 1000) * 1000);
  });

  test.each(['../outside', 'a/../../outside', '/absolute', 'a//b', 'a/./b', 'a/', 'nul\0', 'line\nend', '.uploads/x'])(
    'the key %j is refused',
    async (key) => {
      expect(await nameOf(put(key))).toBe('InvalidArgument');
      expect(await nameOf(get(key))).toBe('InvalidArgument');
      expect(await readdir(root)).toEqual([]);
    },
  );

  test('what is not served is refused, not overlooked', async () => {
    await put('a');
    const copy = new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` });
    expect(await nameOf(client.send(copy))).toBe('NotImplemented');
    expect(await nameOf(client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'b', IfNoneMatch: '*' })))).toBe(
      'NotImplemented',
    );
    expect(await nameOf(client.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=0-1' })))).toBe(
      'NotImplemented',
    );
    expect(await nameOf(client.send(new ListObjectsV2Command({ Bucket, Delimiter: '/' })))).toBe('NotImplemented');
    expect(await listedKeys()).toEqual(['a']);
  });
});

describe('a body that was changed on the way is not stored', () => {
  test('bytes', async () => {
    corrupt(() => Buffer.from('tent'));
    expect(await nameOf(put('a', 'text'))).toBe('BadDigest');
    expect(await listedKeys()).toEqual([]);
  });

  test('a stream, by the checksum that follows it', async () => {
    silence();
    corrupt((body) => Readable.from(replaceIn(body as AsyncIterable<Uint8Array>)));
    const stream = new PutObjectCommand({ Bucket, Key: 'a', Body: Readable.from(['text']), ContentLength: 4 });
    expect(await nameOf(client.send(stream))).toBe('BadDigest');
    expect(await listedKeys()).toEqual([]);
  });

  async function* replaceIn(body: AsyncIterable<Uint8Array>) {
    for await (const part of body) yield Buffer.from(Buffer.from(part).toString().replace('text', 'tent'));
  }

  const chunked = { 'content-encoding': 'aws-chunked', 'x-amz-trailer': 'x-amz-checksum-crc32' };
  const trailer = 'x-amz-checksum-crc32:i9aeUg==\r\n\r\n'; // of "hello world" is DUoRhQ==; of "abcd" is 7YLNEQ==

  test.each([
    ['an end that never came', chunked, '4\r\nabcd\r\n', 'IncompleteBody'],
    ['a chunk that is too short', chunked, '5\r\nabcd\r\n0\r\n\r\n', 'IncompleteBody'],
    ['a length that is no number', chunked, 'four\r\nabcd\r\n0\r\n\r\n', 'IncompleteBody'],
    ['a checksum that never came', chunked, '4\r\nabcd\r\n0\r\n\r\n', 'IncompleteBody'],
    ['a checksum of something else', chunked, `4\r\nabcd\r\n0\r\n${trailer}`, 'BadDigest'],
    ['another length', { ...chunked, 'x-amz-decoded-content-length': '5' }, '4\r\nabcd\r\n0\r\n\r\n', 'IncompleteBody'],
    ['another MD5', { 'content-md5': 'AAAA' }, 'abcd', 'BadDigest'],
    ['a checksum unknown here', { 'x-amz-checksum-crc64nvme': 'AAAA' }, 'abcd', 'NotImplemented'],
  ])('%s', async (_, headers, body, code) => {
    await expect(readBody(headers, body)).rejects.toMatchObject({ code });
  });

  test('a stream that fails on its way in is told as it failed', async () => {
    silence();
    const body = Readable.from(
      (async function* () {
        yield 'te';
        throw new RangeError('the source broke off');
      })(),
    );
    expect(await nameOf(client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: body, ContentLength: 4 })))).toBe(
      'RangeError',
    );
    expect(await listedKeys()).toEqual([]);
  });

  test('chunks with signatures and a fitting checksum are', async () => {
    const body =
      '2;chunk-signature=0f\r\nab\r\n2;chunk-signature=f0\r\ncd\r\n0\r\nx-amz-checksum-crc32:7YLNEQ==\r\n\r\n';
    expect(Buffer.from(await readBody(chunked, Readable.from([body]))).toString()).toBe('abcd');
  });
});

describe('lists', () => {
  test('keys come in the order of their UTF-8 bytes, over all folders', async () => {
    // In UTF-16, which JavaScript sorts by, the last two change places; by folder `a/b` comes before `a-b`.
    const keys = ['A', 'a-b', 'a/b', 'a/b.c', 'a/b/c'.replace('b/', 'd/'), 'a0', 'é', '\uFF5E', '\u{1F3B5}'];
    writeFiles([...keys].reverse());
    expect(await listedKeys()).toEqual(keys);
  });

  test('odd keys come back as they were put', async () => {
    const keys = [
      'a&amp;<b>"\'',
      'snapshot_date=2026-11-23/x y+z%20.json',
      '0012',
      ' both ends ',
      'ü/日本/🎵',
      'q?x#y',
    ];
    for (const key of keys) await put(key, key);
    expect((await listedKeys()).sort()).toEqual([...keys].sort());
    for (const key of keys) expect(await get(key)).toBe(key);
    const Objects = keys.map((Key) => ({ Key }));
    const { Deleted } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted?.map(({ Key }) => Key)).toEqual(keys);
    expect(await listedKeys()).toEqual([]);
  });

  test('a prefix is one of the key, not a folder', async () => {
    writeFiles(['raw/a', 'raw/ab/c', 'raw/b', 'rawer']);
    expect(await listedKeys('raw/a')).toEqual(['raw/a', 'raw/ab/c']);
    expect(await listedKeys('raw')).toEqual(['raw/a', 'raw/ab/c', 'raw/b', 'rawer']);
    expect(await listedKeys('raw/ab/')).toEqual(['raw/ab/c']);
    expect(await listedKeys('none/')).toEqual([]);
    expect(await listedKeys('../')).toEqual([]);
  });

  test('more than 1,000 objects come in pages, none twice and none left out', async () => {
    const keys = Array.from({ length: 1001 }, (_, index) => `p${index % 3}/${String(index).padStart(4, '0')}`).sort();
    writeFiles(keys);
    const sizes: (number | undefined)[] = [];
    const found: (string | undefined)[] = [];
    let answer = await page();
    for (;;) {
      sizes.push(answer.KeyCount);
      found.push(...(answer.Contents ?? []).map(({ Key }) => Key));
      if (!answer.NextContinuationToken) break;
      expect(answer.IsTruncated).toBe(true);
      answer = await page({ ContinuationToken: answer.NextContinuationToken });
    }
    expect(answer.IsTruncated).toBe(false);
    expect(sizes).toEqual([1000, 1]);
    expect(found).toEqual(keys);
  });

  test('MaxKeys and StartAfter', async () => {
    writeFiles(['a', 'b/1', 'b/2', 'c']);
    const first = await page({ StartAfter: 'b/1', MaxKeys: 1 });
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(['b/2']);
    expect(first.IsTruncated).toBe(true);
    expect((await page({ MaxKeys: 4 })).IsTruncated).toBe(false);
  });

  test('a root that is not there yet is an empty list', async () => {
    await rm(root, { recursive: true });
    expect(await listedKeys()).toEqual([]);
  });
});

describe('deletion', () => {
  test('takes the folders that are empty afterwards, and no other', async () => {
    await put('a/b/c/one');
    await put('a/two');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a/b/c/one' }));
    expect(await readdir(join(root, 'a'))).toEqual(['two']);
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a/two' }));
    expect(await readdir(root)).toEqual(['.uploads']);
  });

  test('of what is not there succeeds, and of a folder leaves its objects', async () => {
    await put('a/one');
    const Objects = [{ Key: 'absent' }, { Key: 'a' }, { Key: 'a/one/below' }];
    const answer = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(answer.Errors ?? []).toEqual([]);
    expect(await listedKeys()).toEqual(['a/one']);
  });

  test('says which keys it could not delete, and deletes the others', async () => {
    await put('a');
    const Objects = [{ Key: '../x' }, { Key: 'a' }];
    const answer = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(answer.Errors).toMatchObject([{ Key: '../x', Code: 'InvalidArgument' }]);
    expect(await listedKeys()).toEqual([]);
  });
});

describe('crashes and company', () => {
  const SIZE = 2 ** 20;
  const isWhole = (bytes: Buffer): boolean => bytes.equals(Buffer.alloc(SIZE, bytes[0]));

  test('a process killed while it writes leaves a whole object and nothing that is listed', async () => {
    const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, FILE_S3: new URL('../../../../infra/local/s3/file-s3.ts', import.meta.url).href },
    });
    await once(writer.stdout, 'data');
    for (let reads = 0; reads < 20; reads += 1) {
      expect(isWhole(await readFile(join(root, 'folder/object')))).toBe(true);
    }
    writer.kill('SIGKILL');
    await once(writer, 'close');
    expect(isWhole(Buffer.from((await get('folder/object')) ?? ''))).toBe(true);
    expect(await listedKeys()).toEqual(['folder/object']);
  });

  const WRITER = `
    import { PutObjectCommand } from '@aws-sdk/client-s3';
    const { createFileS3Client } = await import(process.env.FILE_S3);
    const client = createFileS3Client(process.argv[1]);
    for (let round = 0; ; round += 1) {
      const Body = Buffer.alloc(${SIZE}, 'ab'[round % 2]);
      await client.send(new PutObjectCommand({ Bucket: 'any', Key: 'folder/object', Body }));
      if (round === 0) console.log('written');
    }`;

  test('what a killed process left is swept an hour later, what another process is writing is not', async () => {
    writeFiles(['.uploads/old', '.uploads/young']);
    const twoHoursAgo = new Date(Date.now() - 7_200_000);
    await utimes(join(root, '.uploads/old'), twoHoursAgo, twoHoursAgo);
    await put('a');
    expect(await readdir(join(root, '.uploads'))).toEqual(['young']);
  });

  test('objects come and go in one folder at the same time', async () => {
    const remove = (Key: string) => client.send(new DeleteObjectCommand({ Bucket, Key }));
    // Each worker empties the folder under the others' hands about once in ten rounds.
    await Promise.all(
      ['x', 'y', 'z'].map(async (name) => {
        for (let round = 0; round < 30; round += 1) {
          await put(`a/b/${name}`);
          await remove(`a/b/${name}`);
          if (round % 10 === 0) await listedKeys();
        }
      }),
    );
    await Promise.all(Array.from({ length: 12 }, (_, index) => put('same/key', `${index}`)));
    expect(await listedKeys()).toEqual(['same/key']);
    expect(await readdir(join(root, '.uploads'))).toEqual([]);
  });
});

describe('what the file system refuses', () => {
  test.each([
    ['EACCES', 'AccessDenied'],
    ['EROFS', 'AccessDenied'],
    ['ENOENT', 'AccessDenied'],
    ['ENOSPC', 'InsufficientStorage'],
    ['EDQUOT', 'InsufficientStorage'],
    ['EIO', 'FileSystemError'],
  ])('%s is %s, with the place and the cause kept, and with no status that the SDK retries', (code, expected) => {
    const cause = Object.assign(new Error('refused'), { code });
    const refusal = refusalOf(cause, '.lake/raw/x');
    expect(refusal).toMatchObject({ code: expected, cause });
    expect(refusal.message).toContain('.lake/raw/x');
    expect([500, 502, 503, 504, 429]).not.toContain(refusal.statusCode);
  });

  test('a file in the way of a folder, a folder in the way of a file, a name that is too long', async () => {
    await put('a/b');
    expect(await nameOf(put('a/b/c'))).toBe('KeyConflict');
    expect(await nameOf(put('a'))).toBe('KeyConflict');
    expect(await nameOf(put('x'.repeat(300)))).toBe('KeyTooLongError');
    expect(await readdir(join(root, '.uploads'))).toEqual([]);
  });
});

test('nothing is looked up in the environment or in ~/.aws', async () => {
  const before = { ...process.env };
  const nonsense = ['AWS_REGION', 'AWS_PROFILE', 'AWS_MAX_ATTEMPTS', 'AWS_RETRY_MODE', 'AWS_ENDPOINT_URL'];
  const files = ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'];
  const checksums = ['AWS_REQUEST_CHECKSUM_CALCULATION', 'AWS_RESPONSE_CHECKSUM_VALIDATION'];
  try {
    for (const name of [...nonsense, ...files, ...checksums]) process.env[name] = '!';
    process.env.AWS_USE_FIPS_ENDPOINT = process.env.AWS_USE_DUALSTACK_ENDPOINT = 'perhaps';
    client = createFileS3Client(root);
    await put('a', 'here');
    expect(await get('a')).toBe('here');
  } finally {
    process.env = before;
  }
});
