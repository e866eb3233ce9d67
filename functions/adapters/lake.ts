import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { LakeStateError } from '../domain/errors.ts';

/** Keys are those of `domain/lake-paths.ts`. What S3 refuses, or never answers, is a LakeStateError naming the key. */
export interface Lake {
  /** One whole object: readers see the old one or the new one. */
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
  /** undefined when there is no such object */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Every object under the prefix, all pages, in the order of their keys' UTF-8 bytes. */
  list(prefix: string): Promise<LakeObject[]>;
  /** An object that is not there counts as removed. */
  remove(keys: readonly string[]): Promise<void>;
}

export interface LakeObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly lastModified: Date;
}

/** The most keys that one DeleteObjects takes. */
const DELETE_BATCH = 1000;

/** In milliseconds. By default the SDK waits for ever; S3 answers within a second, and the SDK then tries again. */
export const PATIENCE = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true };

/** The lake in a bucket. Without a client it is S3 itself, with the function's own role and region. */
export function createLake({ bucket, client }: { bucket: string; client?: S3Client }): Lake {
  const s3 = client ?? new S3Client({ requestHandler: PATIENCE });

  /** The body of an answer fails later than the answer, so it is read inside as well. */
  async function attempt<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw new LakeStateError(`cannot ${action} in bucket ${bucket}: ${reasonOf(cause)}`, { cause });
    }
  }

  const removeBatch = (keys: readonly string[]) =>
    attempt(`delete ${keys.length === 1 ? keys[0] : `${keys.length} objects from ${keys[0]} on`}`, async () => {
      const Objects = keys.map((Key) => ({ Key }));
      const answer = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
      const [first] = answer.Errors ?? [];
      if (first) throw new Error(`${first.Key}: ${first.Message} (${first.Code}), failures: ${answer.Errors?.length}`);
    });

  return {
    put: (key, body, contentType) =>
      attempt(`write ${key}`, async () => {
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
      }),

    get: (key) =>
      attempt(`read ${key}`, async () => {
        try {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
          return await Body?.transformToByteArray();
        } catch (error) {
          if (error instanceof NoSuchKey) return undefined;
          throw error;
        }
      }),

    list: (prefix) =>
      attempt(`list ${prefix}`, async () => {
        const objects: LakeObject[] = [];
        let token: string | undefined;
        do {
          const page = await s3.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
          );
          for (const { Key, Size, LastModified } of page.Contents ?? []) {
            objects.push(ListedObject.parse({ key: Key, sizeBytes: Size, lastModified: LastModified }));
          }
          token = page.NextContinuationToken;
          if (page.IsTruncated && !token)
            throw new Error('a page of the list says neither that it is the last nor what follows');
        } while (token);
        return objects;
      }),

    async remove(keys) {
      for (let start = 0; start < keys.length; start += DELETE_BATCH) {
        await removeBatch(keys.slice(start, start + DELETE_BATCH));
      }
    },
  };
}

/** The SDK's types allow every field of a list's entry to be absent; S3 sends them all. */
const ListedObject = z.object({ key: z.string(), sizeBytes: z.number(), lastModified: z.date() });

/** One line of words, then the name by which the error's documentation is found. */
function reasonOf(error: unknown): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  const words = message?.replaceAll(/\s+/g, ' ').trim();
  const title = code ?? (name === 'Error' ? undefined : name);
  return words ? `${words}${title ? ` (${title})` : ''}` : (title ?? String(error));
}

/** An object as JSON of the schema's shape; undefined when there is none. LakeStateError when it is anything else. */
export async function readJson<T>(lake: Pick<Lake, 'get'>, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const bytes = await lake.get(key);
  if (!bytes) return undefined;
  const parsed = schema.safeParse(parseJson(key, bytes));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  throw new LakeStateError(`${key} is not of the form this version writes: ${where}${issue?.message}`, {
    cause: parsed.error,
  });
}

function parseJson(key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new LakeStateError(`${key} is not JSON: ${reasonOf(cause)}`, { cause });
  }
}

/** On one line: Athena reads JSON a line at a time. */
export const writeJson = (lake: Pick<Lake, 'put'>, key: string, value: unknown): Promise<void> =>
  lake.put(key, Buffer.from(`${JSON.stringify(value)}\n`), 'application/json');
