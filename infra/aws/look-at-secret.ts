import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ClientSettings } from './client-settings.ts';
import { parseJson } from './json-text.ts';
import { StoredSecretSchema } from './spotify-secret.ts';

/** `put`: as a person gave it. `placeholder`: as the deployment made it. `unknown`: neither. Holds no secret. */
export type SecretState =
  | { readonly kind: 'put'; readonly authorizedAt: string | undefined }
  | { readonly kind: 'placeholder' | 'unknown' };

/** The secret's JSON as it is stored; undefined when it is none. */
export async function storedValue(arn: string, settings: ClientSettings): Promise<unknown> {
  const { SecretString = '' } = await new SecretsManagerClient(settings).send(
    new GetSecretValueCommand({ SecretId: arn }),
  );
  return parseJson(SecretString);
}

/** Looks at the secret and forgets all of it but the day of consent. */
export async function lookAtSecret(arn: string, settings: ClientSettings): Promise<SecretState> {
  const value = await storedValue(arn, settings);
  if (value !== null && typeof value === 'object' && 'placeholder' in value) return { kind: 'placeholder' };
  const parsed = StoredSecretSchema.safeParse(value);
  return parsed.success ? { kind: 'put', authorizedAt: parsed.data.authorized_at } : { kind: 'unknown' };
}
