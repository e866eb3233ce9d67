import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';

/** Where objects are while they are written. Below the root, as a rename is atomic within one file system only. */
export const UPLOADS = '.uploads';

/**
 * Whether the key can be the path of a file below the root, and be the same key again when it is listed: no `..`, no
 * empty parts, nothing absolute, and no control characters, which XML 1.0, the form of S3's lists, cannot hold.
 */
export function isKey(key: string): boolean {
  if (key === '' || [...key].some((character) => character < ' ') || !key.isWellFormed()) return false;
  if (key === UPLOADS || key.startsWith(`${UPLOADS}/`)) return false;
  return relative(sep, resolve(sep, key)).split(sep).join('/') === key;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Every key with the prefix that comes after `after`, in the order of their UTF-8 bytes, which is S3's. */
export function walkKeys(root: string, prefix: string, after: string): AsyncGenerator<string> {
  const wanted = (name: string): boolean => name.startsWith(prefix) && byBytes(name, after) > 0;
  const onTheWay = (folder: string): boolean => prefix.startsWith(folder) || after.startsWith(folder);

  async function* walk(folder: string): AsyncGenerator<string> {
    const names = (await entriesOf(join(root, folder)))
      .filter((entry) => entry.isDirectory() || entry.isFile())
      // A folder sorts with its slash: `a-b` comes before `a/b`, though `a` comes before `a-b`.
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort(byBytes);
    for (const name of names) {
      if (name.endsWith('/')) {
        if (wanted(name) || onTheWay(name)) yield* walk(name);
      } else if (wanted(name) && isKey(name)) yield name;
    }
  }
  return walk('');
}

/** A folder may go while the walk is under way: another caller removed its last object. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
