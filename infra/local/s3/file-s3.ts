import { Readable } from 'node:stream';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { type Headers, readBody } from './body.ts';
import { createObjectFiles, type ObjectFile, type ObjectFiles } from './object-files.ts';
import { Refusal } from './refusal.ts';
import { deletedXml, errorXml, keysToDelete, listXml } from './xml.ts';

/** S3's own most in one page of a list. */
const PAGE = 1000;

/** A request as the SDK hands it over: header names in lower case, the path still percent-encoded. */
interface S3Request {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Headers;
  readonly body?: unknown;
}

interface S3Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | string;
}

/**
 * The AWS SDK's own client over files below a folder instead of the network: the key is the relative path, the bucket's
 * name does not matter. Serves PutObject, GetObject, HeadObject, ListObjectsV2, DeleteObject and DeleteObjects; anything
 * else, or an option it would have to overlook, is refused as NotImplemented. Content types are not kept.
 *
 * What the file system refuses becomes an S3 error that names the file, the reason and the remedy, and is never retried.
 */
export function createFileS3Client(rootDir: string): S3Client {
  const files = createObjectFiles(rootDir);
  const handle = async (request: S3Request, options?: { abortSignal?: AbortSignal }) => {
    options?.abortSignal?.throwIfAborted();
    const { body = '', ...answer } = await answerTo(request, files);
    return { response: { ...answer, body: Readable.from([body], { objectMode: false }) } };
  };
  return new S3Client({ ...OFFLINE, requestHandler: { handle } });
}

/**
 * Every setting that the SDK would otherwise look up in the environment, in ~/.aws or from the machine it runs on.
 * Nothing is signed, since nobody checks it.
 */
const OFFLINE: S3ClientConfig = {
  region: 'local',
  endpoint: 'http://files.invalid',
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  forcePathStyle: true,
  signer: { sign: async (request) => request },
  disableClockSkewCorrection: true,
  maxAttempts: 1,
  retryMode: 'standard',
  defaultsMode: 'standard',
  requestChecksumCalculation: 'WHEN_SUPPORTED',
  responseChecksumValidation: 'WHEN_SUPPORTED',
  authSchemePreference: [],
  sigv4aSigningRegionSet: [],
  disableS3ExpressSessionAuth: true,
  useArnRegion: false,
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: async () => undefined,
};

async function answerTo(request: S3Request, files: ObjectFiles): Promise<S3Answer> {
  try {
    refuseOptions(request);
    return await serve(request, files);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { statusCode, code, message } = error;
    return { statusCode, headers: XML, body: request.method === 'HEAD' ? '' : errorXml(code, message) };
  }
}

/** Options that change what an operation does. To overlook one would be a silent wrong answer. */
const UNSERVED = /^(range|if-.*|x-amz-copy-source.*|delimiter|uploads|uploadId|versionId|partNumber|acl|tagging)$/;

function refuseOptions({ query, headers }: S3Request): void {
  const option = [...Object.keys(query), ...Object.keys(headers)].find((name) => UNSERVED.test(name));
  if (option) throw new Refusal(501, 'NotImplemented', `${option} is not served by the file-backed S3`);
}

async function serve({ method, path, query, headers, body }: S3Request, files: ObjectFiles): Promise<S3Answer> {
  const [, key = ''] = /^\/[^/]*\/?(.*)$/s.exec(path)?.map(decodeURIComponent) ?? [];
  if (key === '' && method === 'GET' && query['list-type'] === '2') return list(query, files);
  if (key === '' && method === 'POST' && 'delete' in query) return remove(await readBody(headers, body), files);
  if (key !== '' && method === 'PUT') {
    return { statusCode: 200, headers: { etag: (await files.put(key, await readBody(headers, body))).etag } };
  }
  if (key !== '' && method === 'DELETE') {
    await files.remove(key);
    return { statusCode: 204, headers: {} };
  }
  if (key !== '' && method === 'GET') {
    const found = await files.get(key);
    return found ? { statusCode: 200, headers: headersOf(found.file), body: found.body } : missing();
  }
  if (key !== '' && method === 'HEAD') {
    const found = await files.head(key);
    return found ? { statusCode: 200, headers: headersOf(found) } : { statusCode: 404, headers: {} };
  }
  throw new Refusal(501, 'NotImplemented', `${method} ${path} is not served by the file-backed S3`);
}

const XML = { 'content-type': 'application/xml' };

const missing = (): S3Answer => ({
  statusCode: 404,
  headers: XML,
  body: errorXml('NoSuchKey', 'The specified key does not exist.'),
});

const headersOf = ({ sizeBytes, lastModified, etag }: ObjectFile): Record<string, string> => ({
  'content-length': String(sizeBytes),
  'content-type': 'application/octet-stream',
  'last-modified': lastModified.toUTCString(),
  etag,
});

/** The token is the last key of the page before; encoded, so that nobody is tempted to read it. */
async function list(query: S3Request['query'], files: ObjectFiles): Promise<S3Answer> {
  const text = (name: string): string => [query[name]].flat().join('');
  const token = Buffer.from(text('continuation-token'), 'base64url').toString();
  const limit = Math.min(Number(text('max-keys') || PAGE), PAGE);
  const { files: found, more } = await files.list(text('prefix'), token || text('start-after'), limit);
  const last = found.at(-1)?.key;
  const next = more && last !== undefined ? Buffer.from(last).toString('base64url') : undefined;
  return { statusCode: 200, headers: XML, body: listXml(found, next) };
}

async function remove(body: Uint8Array, files: ObjectFiles): Promise<S3Answer> {
  const keys = keysToDelete(Buffer.from(body).toString());
  if (keys.length > PAGE) throw new Refusal(400, 'MalformedXML', `at most ${PAGE} keys can be deleted in one request`);
  const outcomes = await Promise.all(
    keys.map(async (key) => {
      try {
        await files.remove(key);
        return { key };
      } catch (error) {
        if (error instanceof Refusal) return { key, refusal: error };
        throw error;
      }
    }),
  );
  return { statusCode: 200, headers: XML, body: deletedXml(outcomes) };
}
