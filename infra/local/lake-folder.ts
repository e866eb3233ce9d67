import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LakeStateError } from '../../functions/domain/errors.ts';

/**
 * Makes the lake's folder and finds out whether it can be written, before Spotify is called for the first time. Throws
 * LakeStateError that names the folder, the reason and the option.
 */
export async function makeLakeFolder(lakeDir: string): Promise<void> {
  const logs = join(lakeDir, 'logs');
  const probe = join(logs, `.probe-${process.pid}`);
  try {
    await makeFolder(logs);
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new LakeStateError(`the lake folder ${lakeDir} cannot be written (${reason}); choose another with --lake`, {
      cause,
    });
  }
}

/** Node's own recursive mkdir never ends where a file system answers ENOENT for a parent that is there, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (!(await isFolder(dirname(path)))) await makeFolder(dirname(path));
  await mkdir(path).catch(async (error) => {
    if (!(await isFolder(path))) throw error;
  });
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
