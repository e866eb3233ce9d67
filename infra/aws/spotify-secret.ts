import * as z from 'zod';

const word = z.string().trim().min(1, 'is empty').regex(/^\S+$/, 'has a space or line break in it');

const fields = {
  client_id: word,
  client_secret: word.optional(),
  refresh_token: word.optional(),
  /** When the user consented: a refresh token lives six months from then. */
  authorized_at: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], 'is not a date like 2026-11-23')
    .transform((text) => new Date(text).toISOString())
    .optional(),
};

interface Keys {
  readonly client_secret?: string | undefined;
  readonly refresh_token?: string | undefined;
}
const hasKey = ({ client_secret, refresh_token }: Keys) => Boolean(client_secret || refresh_token);
const NO_KEY = 'refresh_token is missing (client_secret alone serves older apps only)';

/** The stack's secret as a person gives it: a field that is not known is a slip of the pen. */
export const SpotifySecretSchema = z.strictObject(fields).refine(hasKey, NO_KEY);
/** As it is stored, where a person may have added something. */
export const StoredSecretSchema = z.looseObject(fields).refine(hasKey, NO_KEY);

export type SpotifySecret = z.output<typeof SpotifySecretSchema>;
