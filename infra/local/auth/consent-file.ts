import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ConfigError } from '../../../functions/domain/errors.ts';
import { privateFolder, writePrivately } from './refresh-token-file.ts';

/** The consent that `npm run auth` keeps for local runs, in a file of mode 0600 outside the repository. */
const KeptConsentSchema = z.strictObject({
  client_id: z.string().min(1),
  refresh_token: z.string().min(1),
  /** When the user consented; the token dies six months later. */
  authorized_at: z.iso.datetime(),
});
export type KeptConsent = z.output<typeof KeptConsentSchema>;

type Environment = Readonly<Record<string, string | undefined>>;

export const consentFile = (environment: Environment): string => join(privateFolder(environment), 'consent.json');

/** undefined when nobody has consented yet. Throws ConfigError, with nothing of its content, when it is not ours. */
export async function readConsent(environment: Environment): Promise<KeptConsent | undefined> {
  const file = consentFile(environment);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new ConfigError(`${file} cannot be read: ${error.code}`, { cause: error });
  });
  if (text === undefined) return undefined;
  const parsed = KeptConsentSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ConfigError(`${file} is not what npm run auth writes: run it again, or remove the file`);
}

export const saveConsent = (environment: Environment, consent: KeptConsent): Promise<void> =>
  writePrivately(consentFile(environment), `${JSON.stringify(consent)}\n`);

/** Spotify has put a new token in the place of the old one; the consent is as old as before. */
export async function keepRefreshToken(environment: Environment, token: string): Promise<void> {
  const kept = await readConsent(environment);
  if (!kept) throw new ConfigError(`${consentFile(environment)} is gone: npm run auth`);
  await saveConsent(environment, { ...kept, refresh_token: token });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
