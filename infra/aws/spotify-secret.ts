import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import type { ClientSettings } from './client-settings.ts';
import { CommandError } from './command-error.ts';

const word = z.string().trim().min(1, 'is empty').regex(/^\S+$/, 'has a space or line break in it');

/** The stack's secret, as the Lambda functions read it. */
export const SpotifySecretSchema = z
  .strictObject({
    client_id: word,
    client_secret: word.optional(),
    refresh_token: word.optional(),
    /** When the user consented: a refresh token lives six months from then. */
    authorized_at: z
      .union([z.iso.datetime({ offset: true }), z.iso.date()], 'is not a date like 2026-11-23')
      .transform((text) => new Date(text).toISOString())
      .optional(),
  })
  .refine(
    ({ client_secret, refresh_token }) => client_secret || refresh_token,
    'refresh_token is missing (client_secret alone serves older apps only)',
  );
export type SpotifySecret = z.output<typeof SpotifySecretSchema>;

/** `put`: as a person gave it. `placeholder`: as the deployment made it. `unknown`: neither. Holds no secret. */
export type SecretState =
  | { readonly kind: 'put'; readonly authorizedAt: string | undefined }
  | { readonly kind: 'placeholder' | 'unknown' };

/** Looks at the secret and forgets all of it but the day of consent. */
export async function lookAtSecret(arn: string, settings: ClientSettings): Promise<SecretState> {
  const { SecretString = '' } = await new SecretsManagerClient(settings).send(
    new GetSecretValueCommand({ SecretId: arn }),
  );
  const value = parseJson(SecretString);
  if (value !== null && typeof value === 'object' && 'placeholder' in value) return { kind: 'placeholder' };
  const parsed = SpotifySecretSchema.safeParse(value);
  return parsed.success ? { kind: 'put', authorizedAt: parsed.data.authorized_at } : { kind: 'unknown' };
}

/** Replaces the secret's value. The former one stays for a day or so as AWSPREVIOUS, then it is gone. */
export async function putSecret(arn: string, secret: SpotifySecret, settings: ClientSettings): Promise<void> {
  try {
    await new SecretsManagerClient(settings).send(
      new PutSecretValueCommand({ SecretId: arn, SecretString: JSON.stringify(secret) }),
    );
  } catch (cause) {
    if (!Error.isError(cause) || cause.name !== 'ResourceNotFoundException') throw cause;
    throw new CommandError(`The secret ${arn} is gone: deploy again by npm run deploy.`, { cause });
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A refresh token lives six months from the consent, however often it is used. The shortest six months have 181 days.
 * Whole days that are left, below 0 afterwards.
 */
export const tokenDays = (authorizedAt: string, now: Date): number =>
  Math.floor((Date.parse(authorizedAt) - now.getTime()) / 86_400_000) + 181;
