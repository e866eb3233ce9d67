import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { LakeStateError } from '../domain/errors.ts';
import { type Lake, PATIENCE } from './lake.ts';

/** The folders right below a prefix, each with the `/` at its end, in order. */
export type Folders = (prefix: string) => Promise<string[]>;

/** By S3 itself, which names a thousand in a call, however many objects are in them. LakeStateError when it cannot. */
export function createFolders({ bucket, client }: { bucket: string; client?: S3Client }): Folders {
  const s3 = client ?? new S3Client({ requestHandler: PATIENCE });
  return async (Prefix) => {
    const found: string[] = [];
    let token: string | undefined;
    try {
      do {
        const page = await s3.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix, Delimiter: '/', ContinuationToken: token }),
        );
        found.push(...(page.CommonPrefixes ?? []).map((one) => one.Prefix ?? ''));
        token = page.NextContinuationToken;
      } while (token);
    } catch (cause) {
      throw new LakeStateError(`cannot list folders of ${Prefix} in bucket ${bucket}: ${(cause as Error).message}`, {
        cause,
      });
    }
    return found;
  };
}

/** From a list of all objects: enough for a lake in a folder. */
export const foldersOf =
  (lake: Pick<Lake, 'list'>): Folders =>
  async (prefix) => {
    const rests = (await lake.list(prefix)).map(({ key }) => key.slice(prefix.length));
    return [...new Set(rests.filter((rest) => rest.includes('/')).map((rest) => `${prefix}${rest.split('/')[0]}/`))];
  };
