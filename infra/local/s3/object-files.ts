import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isKey, UPLOADS, walkKeys } from './object-keys.ts';
import { Refusal, refusalOf } from './refusal.ts';

/** An upload takes seconds: one that is this much older than the newest belongs to a run that was killed. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

export interface ObjectFile {
  readonly key: string;
  readonly sizeBytes: number;
  readonly lastModified: Date;
  /** Changes whenever the object does. */
  readonly etag: string;
}

/** Objects as plain files. Every method throws a Refusal when the key cannot be a file or the file system says no. */
export interface ObjectFiles {
  /** All or nothing: a crash at any moment leaves the old object or the new one. */
  put(key: string, body: Uint8Array): Promise<ObjectFile>;
  /** undefined when there is no such object */
  get(key: string): Promise<{ file: ObjectFile; body: Uint8Array } | undefined>;
  head(key: string): Promise<ObjectFile | undefined>;
  /** Does nothing when there is no such object. Folders that are empty afterwards go too. */
  remove(key: string): Promise<void>;
  /** At most `limit` objects with the prefix, after the key `after`, in the order of their keys' UTF-8 bytes. */
  list(prefix: string, after: string, limit: number): Promise<{ files: ObjectFile[]; more: boolean }>;
}

/** The key is the path below the root. The root is made by the first write. */
export function createObjectFiles(root: string): ObjectFiles {
  const uploads = join(root, UPLOADS);
  let swept = false;

  async function at<T>(key: string, work: (path: string) => Promise<T>): Promise<T> {
    const path = join(root, key);
    if (!isKey(key)) throw new Refusal(400, 'InvalidArgument', `${JSON.stringify(key)} cannot be a file below ${root}`);
    return work(path).catch((error: unknown) => Promise.reject(refusalOf(error, path)));
  }

  const head = (key: string) =>
    at(key, async (path) => {
      const found = await ifThere(stat(path));
      return found?.isFile() ? describe(key, found) : undefined;
    });

  return {
    head,

    put: (key, body) =>
      at(key, async (path) => {
        const upload = join(uploads, randomUUID());
        try {
          const stats = await writeDurably(upload, body);
          if (!swept) await sweepAbandoned(uploads, stats);
          swept = true;
          await moveTo(path, upload);
          return describe(key, stats);
        } catch (error) {
          // What went wrong first is the news, not that its traces could not be removed either.
          await rm(upload, { force: true }).catch(() => undefined);
          throw error;
        }
      }),

    get: (key) =>
      at(key, async (path) => {
        const file = await ifThere(open(path));
        if (!file) return undefined;
        try {
          const body = await ifThere(file.readFile());
          return body && { file: describe(key, await file.stat()), body };
        } finally {
          await file.close();
        }
      }),

    async remove(key) {
      if (await head(key)) await at(key, (path) => rm(path, { force: true }));
      for (let folder = dirname(key); folder !== '.'; folder = dirname(folder)) {
        if (!(await removeIfEmpty(join(root, folder)))) return;
      }
    },

    async list(prefix, after, limit) {
      const files: ObjectFile[] = [];
      try {
        for await (const key of walkKeys(root, prefix, after)) {
          if (files.length === limit) return { files, more: true };
          const found = await ifThere(stat(join(root, key)));
          if (found) files.push(describe(key, found));
        }
      } catch (error) {
        throw refusalOf(error, join(root, prefix));
      }
      return { files, more: false };
    },
  };
}

const describe = (key: string, { size, mtime, mtimeMs, ino }: Stats): ObjectFile => ({
  key,
  sizeBytes: size,
  lastModified: mtime,
  etag: `"${[ino, size, mtimeMs].map((part) => Math.trunc(part).toString(16)).join('-')}"`,
});

/** A folder where the object would be, or a file where its folder would be, means that there is no such object. */
async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code ?? '')) return undefined;
    throw error;
  });
}

/**
 * On the disk before it gets its name: otherwise a power cut can leave the name with none of the bytes, and the next
 * run takes the object for done. That costs 0.4 ms an object on an SSD under Linux. The folder is not synced (another
 * 0.6 ms): a rename that a power cut undoes is made again by the next run.
 */
async function writeDurably(path: string, body: Uint8Array): Promise<Stats> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx');
  try {
    await file.writeFile(body);
    await file.sync();
    return await file.stat();
  } finally {
    await file.close();
  }
}

/** Ages are told from the newest upload, so that only the file system's own clock counts. */
async function sweepAbandoned(uploads: string, newest: Stats): Promise<void> {
  for (const name of await readdir(uploads)) {
    const found = await ifThere(stat(join(uploads, name)));
    if (found && newest.mtimeMs - found.mtimeMs > ABANDONED_AFTER_MS) await rm(join(uploads, name), { force: true });
  }
}

/** Another caller may remove the folder, still empty, between the two steps; so it is tried more than once. */
async function moveTo(path: string, upload: string, tries = 5): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await rename(upload, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 1) throw error;
    await moveTo(path, upload, tries - 1);
  }
}

const removeIfEmpty = (folder: string): Promise<boolean> =>
  rmdir(folder).then(
    () => true,
    () => false,
  );
