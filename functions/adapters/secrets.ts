import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { ConfigError } from '../domain/errors.ts';

/** The secret's JSON. What a person adds beside it is kept. */
const SecretSchema = z
  .looseObject({
    client_id: z.string().min(1),
    client_secret: z.string().min(1).optional(),
    refresh_token: z.string().min(1).optional(),
    /** When the user consented, ISO 8601. A refresh token lives six months from then. */
    authorized_at: z.iso.datetime({ offset: true }).optional(),
  })
  .refine((secret) => secret.client_secret ?? secret.refresh_token, 'has neither refresh_token nor client_secret');

export type SpotifySecret = z.output<typeof SecretSchema>;

export interface SecretStore {
  /** Throws ConfigError, in words that hold nothing of the secret, when it cannot be used. */
  read(): Promise<SpotifySecret>;
  /** Resolves when the token that Spotify has put in the place of the old one is stored. */
  saveRefreshToken(token: string): Promise<void>;
}

/** In the value that the stack makes, and in no other: nobody has stored credentials yet. */
export const PLACEHOLDER_KEY = 'placeholder';

const REMEDY = 'Consent by npm run auth -- --aws, or store them by npm run credentials.';

/** In milliseconds: by default the SDK waits for ever. */
const PATIENCE = { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

export function createSecretStore({ secretArn, client }: { secretArn: string; client?: SecretsManagerClient }) {
  const config: SecretsManagerClientConfig = { requestHandler: PATIENCE };
  const secrets = client ?? new SecretsManagerClient(config);

  async function read(): Promise<SpotifySecret> {
    return parseSecret(await readText(secretArn, secrets), secretArn);
  }

  return {
    read,
    async saveRefreshToken(token) {
      const SecretString = JSON.stringify({ ...(await read()), refresh_token: token });
      await secrets.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString }));
    },
  } satisfies SecretStore;
}

async function readText(secretArn: string, secrets: SecretsManagerClient): Promise<string> {
  try {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return SecretString ?? '';
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new ConfigError(`the Spotify credentials in ${secretArn} cannot be read: ${message} (${name})`, { cause });
  }
}

function parseSecret(text: string, secretArn: string): SpotifySecret {
  const json = parseJson(text);
  if (typeof json === 'object' && json !== null && PLACEHOLDER_KEY in json) {
    throw new ConfigError(`${secretArn} still holds the placeholder, no Spotify credentials. ${REMEDY}`);
  }
  const parsed = SecretSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  // Names of fields and what is wrong with them; a value here is a secret.
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the secret'}: ${message}`);
  throw new ConfigError(`${secretArn} holds no Spotify credentials: ${faults.join(', ')}. ${REMEDY}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
