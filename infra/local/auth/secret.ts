import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { ConfigError } from '../../../functions/domain/errors.ts';

/** The secret of a deployment: what `npm run auth -- --aws` writes and `npm run doctor -- --aws` reads. */
const SecretSchema = z.looseObject({
  client_id: z.string().min(1),
  client_secret: z.string().min(1).optional(),
  refresh_token: z.string().min(1).optional(),
  authorized_at: z.string().optional(),
});
export type Secret = z.output<typeof SecretSchema>;

export type SecretsClient = Pick<SecretsManagerClient, 'send'>;

/** undefined when it holds no credentials yet. Throws ConfigError, with nothing of the secret in it. */
export async function readSecret(secretId: string, client: SecretsClient): Promise<Secret | undefined> {
  const { SecretString = '' } = await attempt(`read ${secretId}`, () =>
    client.send(new GetSecretValueCommand({ SecretId: secretId })),
  );
  return SecretSchema.safeParse(parseJson(SecretString)).data;
}

/** Puts the consent into the secret; what a person keeps beside it stays, unless it belongs to another app. */
export async function putConsent(
  secretId: string,
  consent: { client_id: string; refresh_token: string; authorized_at: string },
  client: SecretsClient,
): Promise<void> {
  const { client_id: before, ...rest } = (await readSecret(secretId, client)) ?? { client_id: undefined };
  const value = { ...(before === consent.client_id ? rest : {}), ...consent };
  // A token that was given to a client without a secret is refused when the secret is sent with it.
  const { client_secret: _, ...withoutClientSecret } = value as Secret;
  await attempt(`write ${secretId}`, () =>
    client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify(withoutClientSecret) })),
  );
}

/** Spotify has put a new token in the place of the old one; the consent is as old as before. */
export async function putRefreshToken(secretId: string, token: string, client: SecretsClient): Promise<void> {
  const value = { ...(await readSecret(secretId, client)), refresh_token: token };
  await attempt(`write ${secretId}`, () =>
    client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: JSON.stringify(value) })),
  );
}

async function attempt<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new ConfigError(`cannot ${action}: ${message.split('\n')[0]} (${name})`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
