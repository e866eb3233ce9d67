import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolders, foldersOf } from '../../../functions/adapters/lake-folders.ts';
import { memoryLake } from '../../support/memory-lake.ts';

/** Two pages of folders, as S3 answers them; any other prefix is refused. */
const asked: string[] = [];
const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://s3');
  asked.push(`${searchParams.get('prefix')} ${searchParams.get('delimiter')}`);
  if (searchParams.get('prefix') !== 'raw/')
    return response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
  const isSecond = searchParams.has('continuation-token');
  const folder = `<CommonPrefixes><Prefix>raw/snapshot_date=${isSecond ? 'b' : 'a'}/</Prefix></CommonPrefixes>`;
  const more = isSecond ? '' : '<NextContinuationToken>t</NextContinuationToken>';
  return response.end(`<ListBucketResult><IsTruncated>${!isSecond}</IsTruncated>${more}${folder}</ListBucketResult>`);
});
let client: S3Client;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
});
afterAll(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

test('S3 is asked for folders, page by page, not for what is in them', async () => {
  expect(await createFolders({ bucket: 'lake', client })('raw/')).toEqual([
    'raw/snapshot_date=a/',
    'raw/snapshot_date=b/',
  ]);
  expect(asked).toEqual(['raw/ /', 'raw/ /']);
});

test('what S3 refuses is a LakeStateError that names the folder', async () => {
  const refused = expect.objectContaining({ name: 'LakeStateError', message: expect.stringContaining('published/') });
  await expect(createFolders({ bucket: 'lake', client })('published/')).rejects.toEqual(refused);
});

test('a lake in a folder gives the same from a list of its objects', async () => {
  const lake = memoryLake();
  for (const key of ['raw/b/1', 'raw/a/x/1', 'raw/a/2', 'raw/file', 'other/c/1'])
    await lake.put(key, new Uint8Array(), '');
  expect(await foldersOf(lake)('raw/')).toEqual(['raw/a/', 'raw/b/']);
  expect(await foldersOf(lake)('raw/a/')).toEqual(['raw/a/x/']);
});
