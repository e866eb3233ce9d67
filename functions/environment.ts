import * as z from 'zod';
import { ConfigError } from './domain/errors.ts';

/**
 * What each function's environment has to hold. The stack takes its types from here, so a variable that is forgotten
 * there does not compile. No secret among them: an environment shows in the console and in GetFunctionConfiguration.
 */
const everyFunction = {
  /** The stack's name; the dimension of every metric. */
  SERVICE: z.string().min(1),
  LAKE_BUCKET: z.string().min(3),
};

const url = z.url({ protocol: /^https?$/ });

const Schemas = {
  prepare: z.object({
    ...everyFunction,
    /** The block `validation` of the configuration, as JSON. */
    VALIDATION_LIMITS: z.string().min(2),
  }),
  extract: z.object({
    ...everyFunction,
    SPOTIFY_SECRET_ARN: z.string().min(1),
    /** A JSON list of IDs beside the code: a thousand of them would not fit into an environment, which ends at 4 KB. */
    PLAYLISTS_FILE: z.string().min(1),
    /** Empty: Spotify's own choice. */
    MARKET: z.string().regex(/^([A-Z]{2})?$/, 'is not a country code like "DE"'),
    KEEP_PERSONAL_DATA: z.enum(['true', 'false']),
    /** The block `reading` of the configuration, as JSON. */
    READING: z.string().min(2),
    /** Days that raw objects are kept. */
    RAW_RETENTION_DAYS: z.string().regex(/^\d+$/, 'is not a number of days'),
    /** Only for a stand-in of Spotify. */
    SPOTIFY_API_URL: url.default('https://api.spotify.com'),
    SPOTIFY_ACCOUNTS_URL: url.default('https://accounts.spotify.com'),
  }),
  transform: z.object(everyFunction),
  publish: z.object(everyFunction),
  rebuild: z.object(everyFunction),
};

export type Stage = keyof typeof Schemas;
export const STAGES = Object.keys(Schemas) as Stage[];
/** As a deployment writes it. */
export type FunctionEnvironment<S extends Stage> = z.input<(typeof Schemas)[S]>;
/** As the function reads it, defaults filled in. */
export type ParsedEnvironment<S extends Stage> = z.output<(typeof Schemas)[S]>;

/** Throws ConfigError that names every variable at fault, never a value. */
export function readEnvironment<S extends Stage>(
  stage: S,
  environment: Readonly<Record<string, string | undefined>>,
): ParsedEnvironment<S> {
  const parsed = Schemas[stage].safeParse(environment);
  if (parsed.success) return parsed.data as ParsedEnvironment<S>;
  const names = parsed.error.issues.map(({ path, message }) => `${path.join('.')} (${message})`).join(', ');
  throw new ConfigError(`the environment of ${stage} is not as the stack sets it: ${names}. Deploy again.`);
}
