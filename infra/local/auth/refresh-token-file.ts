import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';

/**
 * Spotify may answer a refresh with a new refresh token, and the old one may then be dead. The environment cannot be
 * written, so the new token is kept in a file that only this user can read, for as long as SPOTIFY_REFRESH_TOKEN stays
 * the one that it replaces.
 */
const FileSchema = z.object({ replaces_sha256: z.string(), refresh_token: z.string().min(1) });

const fingerprint = (token: string) => createHash('sha256').update(token).digest('hex');

export const refreshTokenFile = (environment: Environment): string =>
  join(privateFolder(environment), 'refresh-token.json');

type Environment = Readonly<Record<string, string | undefined>>;

/** Outside the repository, so that it is never committed. */
export const privateFolder = (environment: Environment): string =>
  join(environment.XDG_CONFIG_HOME || join(homedir(), '.config'), 'playlist-lake');

/** The token to use: the kept one when it replaces the given one, else the given one. */
export async function currentRefreshToken(file: string, given: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return given;
  const kept = FileSchema.safeParse(parseJson(text));
  return kept.success && kept.data.replaces_sha256 === fingerprint(given) ? kept.data.refresh_token : given;
}

/** Keeps a new token before anything uses it. */
export const saveRefreshToken = (file: string, given: string, token: string): Promise<void> =>
  writePrivately(file, JSON.stringify({ replaces_sha256: fingerprint(given), refresh_token: token }));

/** A file that only this user can read, whole or not at all. */
export async function writePrivately(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, file);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
