import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { createLake, type Lake, readJson, writeJson } from '../../../functions/adapters/lake.ts';
import { LakeStateError } from '../../../functions/domain/errors.ts';
import { createFileS3Client } from '../../../infra/local/file-s3.ts';
import { type ScriptedServer, startScriptedServer } from '../../support/scripted-server.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function failureOf(work: Promise<unknown>): Promise<LakeStateError> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(LakeStateError);
  const failure = error as LakeStateError;
  expect(failure.message).not.toMatch(/\n/);
  return failure;
}

describe('over files', () => {
  let root: string;
  let lake: Lake;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lake-'));
    lake = createLake({ client: createFileS3Client(root), bucket: 'lake' });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  function writeObjects(count: number): string[] {
    mkdirSync(join(root, 'raw'), { recursive: true });
    const keys = Array.from({ length: count }, (_, index) => `raw/${String(index).padStart(4, '0')}`);
    for (const key of keys) writeFileSync(join(root, key), 'object');
    return keys;
  }

  test('an object comes back byte for byte, and is listed with its size', async () => {
    const body = Uint8Array.from([0, 13, 10, 255, 0]);
    await lake.put('raw/a=1/x.bin', body, 'application/octet-stream');
    expect(Buffer.compare((await lake.get('raw/a=1/x.bin')) ?? bytes('none'), body)).toBe(0);
    expect(await lake.list('raw/')).toEqual([{ key: 'raw/a=1/x.bin', sizeBytes: 5, lastModified: expect.any(Date) }]);
  });

  test('an empty object is there, an absent one is undefined', async () => {
    await lake.put('empty', new Uint8Array(), 'text/plain');
    expect((await lake.get('empty'))?.length).toBe(0);
    expect(await lake.get('absent')).toBeUndefined();
    expect(await lake.list('absent/')).toEqual([]);
  });

  test('more than 1,000 objects under a prefix are all listed, and all removed', async () => {
    const keys = writeObjects(1001);
    await lake.put('other', bytes('x'), 'text/plain');
    const listed = await lake.list('raw/');
    expect(listed.map(({ key }) => key)).toEqual(keys);
    await lake.remove(keys);
    expect((await lake.list('')).map(({ key }) => key)).toEqual(['other']);
  });

  test('removing one that is not there succeeds; one that S3 refuses is named, and the others are gone', async () => {
    writeObjects(2);
    await lake.remove(['raw/0000', 'absent']);
    const failure = await failureOf(lake.remove(['../outside', 'raw/0001']));
    expect(failure.message).toContain('../outside');
    expect(await lake.list('')).toEqual([]);
  });

  test('what the file system refuses is one line that names the object and the file', async () => {
    await writeFile(join(root, 'raw'), 'a file in the way');
    const failure = await failureOf(lake.put('raw/a.json', bytes('{}'), 'application/json'));
    expect(failure.message).toContain(join(root, 'raw/a.json'));
    expect(failure.cause).toBeInstanceOf(S3ServiceException);
  });

  describe('JSON', () => {
    const Shape = z.object({ run_id: z.string(), playlists: z.array(z.object({ total: z.number() })) });
    const value = { run_id: 'ünïcode 🎵', playlists: [{ total: 1 }] };

    test('comes back as it was written, on one line, since Athena reads a line at a time', async () => {
      await writeJson(lake, 'manifest.json', value);
      expect(await readJson(lake, 'manifest.json', Shape)).toEqual(value);
      expect((await readFile(join(root, 'manifest.json'), 'utf8')).split('\n')).toEqual([expect.any(String), '']);
    });

    test('that is not there is undefined', async () => {
      expect(await readJson(lake, 'manifest.json', Shape)).toBeUndefined();
    });

    test('that is cut off is an error that names the object', async () => {
      await lake.put('manifest.json', bytes('{"run_id":\n'), 'application/json');
      const failure = await failureOf(readJson(lake, 'manifest.json', Shape));
      expect(failure.message).toContain('manifest.json');
      expect(failure.cause).toBeInstanceOf(SyntaxError);
    });

    test('of another shape is an error that names the object and the field', async () => {
      await writeJson(lake, 'manifest.json', { ...value, playlists: [{ total: 'one' }] });
      const failure = await failureOf(readJson(lake, 'manifest.json', Shape));
      expect(failure.message).toContain('manifest.json');
      expect(failure.message).toContain('playlists.0.total');
    });
  });
});

describe('over HTTP', () => {
  let server: ScriptedServer;
  let lake: Lake;
  beforeEach(async () => {
    server = await startScriptedServer();
    const client = new S3Client({
      endpoint: server.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
      forcePathStyle: true,
      maxAttempts: 1,
    });
    lake = createLake({ client, bucket: 'bucket' });
  });
  afterEach(() => server.close());

  const xml = (body: string, status = 200) => ({ status, body, headers: { 'content-type': 'application/xml' } });
  const denied = xml('<Error><Code>AccessDenied</Code><Message>Access\n Denied</Message></Error>', 403);

  test.each<[string, (lake: Lake) => Promise<unknown>]>([
    ['put', ({ put }) => put('raw/a', bytes('x'), 'text/plain')],
    ['get', ({ get }) => get('raw/a')],
    ['list', ({ list }) => list('raw/a')],
    ['remove', ({ remove }) => remove(['raw/a'])],
  ])('a refused %s names the bucket, the key and what S3 calls it', async (_, operation) => {
    server.script('/bucket', denied);
    const failure = await failureOf(operation(lake));
    for (const part of ['bucket', 'raw/a', 'AccessDenied']) expect(failure.message).toContain(part);
    expect(failure.cause).toBeInstanceOf(S3ServiceException);
  });

  test('the content type goes with the object', async () => {
    server.script('/bucket', xml(''));
    await lake.put('a.json', bytes('{}'), 'application/json');
    expect(server.requests[0]?.headers['content-type']).toBe('application/json');
  });

  test('a bucket that is not there is an error, not an absent object', async () => {
    server.script('/bucket', xml('<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>', 404));
    await failureOf(lake.get('raw/a'));
  });

  test('a body that breaks off is an error, not a short object', async () => {
    server.script('/bucket', { body: 'x'.repeat(1000), cutAfter: 500 });
    expect((await failureOf(lake.get('raw/a'))).message).toContain('raw/a');
  });

  test('a connection that is refused is an error that says so', async () => {
    await server.close();
    expect((await failureOf(lake.get('raw/a'))).message).toContain('ECONNREFUSED');
    server = await startScriptedServer();
  });

  test('a list that goes on without saying where is an error, not the end', async () => {
    server.script('/bucket', xml('<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'));
    await failureOf(lake.list('raw/'));
  });

  test('removing nothing asks nothing', async () => {
    await lake.remove([]);
    expect(server.requests).toEqual([]);
  });
});
