import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CommandError } from './command-error.ts';

/** One version of an object, or the marker that a deletion has left. An unversioned bucket has the version `null`. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  /** What a plain read sees: an object that is there. */
  readonly isShown: boolean;
}

/** Every version and delete marker below a prefix. */
export async function listVersions(client: S3Client, Bucket: string, Prefix: string): Promise<ObjectVersion[]> {
  const found: ObjectVersion[] = [];
  let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (next) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket, Prefix, ...next }),
    );
    for (const { Key = '', VersionId = 'null', IsLatest = false } of page.Versions ?? []) {
      found.push({ key: Key, versionId: VersionId, isShown: IsLatest });
    }
    for (const { Key = '', VersionId = 'null' } of page.DeleteMarkers ?? []) {
      found.push({ key: Key, versionId: VersionId, isShown: false });
    }
    next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
  return found;
}

/** The most versions that one DeleteObjects takes. */
const BATCH = 1000;

/** For good: no marker is left and nothing can be taken back. */
export async function removeVersions(client: S3Client, Bucket: string, versions: readonly ObjectVersion[]) {
  for (let start = 0; start < versions.length; start += BATCH) {
    const Objects = versions
      .slice(start, start + BATCH)
      .map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    const [first] = Errors;
    if (first) {
      throw new CommandError(
        `${Errors.length} versions could not be removed, the first of them ${first.Key}: ${first.Message} (${first.Code}). ` +
          'What was removed stays removed; the same command goes on. It needs s3:DeleteObjectVersion.',
      );
    }
  }
}
