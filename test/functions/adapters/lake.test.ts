import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { createLake, type Lake, readJson, writeJson } from '../../../functions/adapters/lake.ts';
import { LakeStateError } from '../../../functions/domain/errors.ts';
import { createFileS3Client } from '../../../infra/local/s3/file-s3.ts';
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

/** A lake of its own, empty, and what is needed to fill it and to take it away. */
interface BackEnd {
  readonly lake: Lake;
  readonly fill: (keys: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface FileBackEnd extends BackEnd {
  readonly root: string;
}

async function overFiles(): Promise<FileBackEnd> {
  const root = await mkdtemp(join(tmpdir(), 'lake-'));
  return {
    root,
    lake: createLake({ client: createFileS3Client(root), bucket: 'lake' }),
    fill: async (keys) => {
      mkdirSync(join(root, 'raw'), { recursive: true });
      for (const key of keys) writeFileSync(join(root, key), 'object');
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** `npm run test:ministack` names the S3 of an emulator here; credentials and region are in the environment, too. */
const S3_ENDPOINT = process.env.LAKE_TEST_S3_ENDPOINT;

async function overS3(): Promise<BackEnd> {
  const client = new S3Client({ endpoint: S3_ENDPOINT ?? '', forcePathStyle: true });
  const bucket = `lake-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const lake = createLake({ client, bucket });
  return {
    lake,
    fill: async (keys) => {
      const rest = [...keys];
      const work = async () => {
        for (let key = rest.pop(); key !== undefined; key = rest.pop())
          await lake.put(key, bytes('object'), 'text/plain');
      };
      await Promise.all(Array.from({ length: 20 }, work));
    },
    close: async () => client.destroy(),
  };
}

const BACK_ENDS: [string, () => Promise<BackEnd>][] = [['files', overFiles]];
if (S3_ENDPOINT) BACK_ENDS.push(['an S3 that we did not write', overS3]);

describe.each(BACK_ENDS)('over %s', (_name, open) => {
  let backEnd: BackEnd;
  let lake: Lake;
  beforeEach(async () => {
    backEnd = await open();
    ({ lake } = backEnd);
  });
  afterEach(() => backEnd.close());

  test('an object comes back byte for byte, and is listed with its size', async () => {
    const body = Uint8Array.from([0, 13, 10, 255, 0]);
    await lake.put('raw/a=1/x.bin', body, 'application/octet-stream');
    expect(Buffer.compare((await lake.get('raw/a=1/x.bin')) ?? bytes('none'), body)).toBe(0);
    expect(await lake.list('raw/')).toEqual([{ key: 'raw/a=1/x.bin', sizeBytes: 5, lastModified: expect.any(Date) }]);
  });

  test('a second object under the key takes the place of the first', async () => {
    await lake.put('a.json', bytes('a longer one'), 'application/json');
    await lake.put('a.json', bytes('{}'), 'application/json');
    expect(Buffer.from((await lake.get('a.json')) ?? '').toString()).toBe('{}');
    expect((await lake.list('')).map(({ sizeBytes }) => sizeBytes)).toEqual([2]);
  });

  test('an empty object is there, an absent one is undefined', async () => {
    await lake.put('empty', new Uint8Array(), 'text/plain');
    expect((await lake.get('empty'))?.length).toBe(0);
    expect(await lake.get('absent')).toBeUndefined();
    expect(await lake.list('absent/')).toEqual([]);
  });

  test('keys that have to be escaped come back as they are, in the order of their bytes', async () => {
    const keys = ['raw/a b+c&d=e%20f', 'raw/a=1/b', "raw/it's (1)!", 'raw/zürich', 'raw/\uff5e', 'raw/\u{1f3b5}'];
    for (const key of keys) await lake.put(key, bytes(key), 'text/plain');
    const listed = (await lake.list('raw/')).map(({ key }) => key);
    expect(listed).toEqual([...keys].sort((a, b) => Buffer.compare(bytes(a), bytes(b))));
    for (const key of keys) expect(Buffer.from((await lake.get(key)) ?? '').toString()).toBe(key);
    await lake.remove(keys);
    expect(await lake.list('')).toEqual([]);
  });

  test('more than 1,000 objects under a prefix are all listed, and all removed', async () => {
    const keys = Array.from({ length: 1001 }, (_, index) => `raw/${String(index).padStart(4, '0')}`);
    await backEnd.fill(keys);
    await lake.put('other', bytes('x'), 'text/plain');
    const listed = await lake.list('raw/');
    expect(listed.map(({ key }) => key)).toEqual(keys);
    await lake.remove(keys);
    expect((await lake.list('')).map(({ key }) => key)).toEqual(['other']);
  });

  test('removing one that is not there succeeds', async () => {
    await backEnd.fill(['raw/0']);
    await lake.remove(['raw/0', 'absent']);
    expect(await lake.list('')).toEqual([]);
  });

  describe('JSON', () => {
    const Shape = z.object({ run_id: z.string(), playlists: z.array(z.object({ total: z.number() })) });
    const value = { run_id: 'ünïcode 🎵', playlists: [{ total: 1 }] };

    test('comes back as it was written, on one line, since Athena reads a line at a time', async () => {
      await writeJson(lake, 'manifest.json', value);
      expect(await readJson(lake, 'manifest.json', Shape)).toEqual(value);
      const text = Buffer.from((await lake.get('manifest.json')) ?? '').toString('utf8');
      expect(text.split('\n')).toEqual([expect.any(String), '']);
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

describe('what a file system refuses', () => {
  let backEnd: FileBackEnd;
  beforeEach(async () => {
    backEnd = await overFiles();
  });
  afterEach(() => backEnd.close());

  test('one of several to be removed is named, and the others are gone', async () => {
    const { lake, fill } = backEnd;
    await fill(['raw/0', 'raw/1']);
    const failure = await failureOf(lake.remove(['raw/0', '../outside', 'raw/1']));
    expect(failure.message).toContain('../outside');
    expect(await lake.list('')).toEqual([]);
  });

  test('is one line that names the object and the file', async () => {
    const { lake, root } = backEnd;
    await writeFile(join(root, 'raw'), 'a file in the way');
    const failure = await failureOf(lake.put('raw/a.json', bytes('{}'), 'application/json'));
    expect(failure.message).toContain(join(root, 'raw/a.json'));
    expect(failure.cause).toBeInstanceOf(S3ServiceException);
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
