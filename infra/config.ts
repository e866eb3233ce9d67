import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { ConfigError } from '../functions/domain/errors.ts';
import { uniqueIds } from '../functions/domain/execution-input.ts';
import { firstIssue } from '../functions/domain/spotify-schemas.ts';
import { DEFAULT_LIMITS, type ValidationLimits } from '../functions/domain/validation-parameters.ts';

/** The block `playlistLake` in cdk.json's context: the one place a person configures. A wrong key is an error. */
const ConfigSchema = z.strictObject({
  /** IDs, spotify:playlist: URIs or open.spotify.com links. */
  playlists: z.array(z.string()).default([]),
  /** ISO 3166-1 alpha-2, or null for the market of the user whose token reads. */
  market: z
    .string()
    .regex(/^[A-Z]{2}$/, 'is not a country code like "DE"')
    .nullable()
    .default(null),
  /** Whether the tables keep owner IDs and who added an entry. */
  keepPersonalData: z.boolean().default(false),
  /** From where on a snapshot is not published (rejected) or noted as odd (shrunk, age); see ValidationLimits. */
  validation: z
    .strictObject({
      maxRejectedPercent: z.int().min(0).max(100).default(DEFAULT_LIMITS.maxRejectedPercent),
      maxShrunkPercent: z.int().min(0).max(100).default(DEFAULT_LIMITS.maxShrunkPercent),
      maxAgeDays: z.int().min(0).max(3650).default(DEFAULT_LIMITS.maxAgeDays),
    })
    .default(DEFAULT_LIMITS),
});

export interface Config {
  readonly playlistIds: readonly string[];
  readonly market: string | null;
  readonly keepPersonalData: boolean;
  readonly validation: ValidationLimits;
}

const CdkJsonSchema = z.object({ context: z.object({ playlistLake: ConfigSchema.default(ConfigSchema.parse({})) }) });

/** Reads the configuration. Throws ConfigError in one line that names the key. */
export function readConfig(file: URL | string = new URL('../cdk.json', import.meta.url)): Config {
  const parsed = CdkJsonSchema.safeParse(readJsonFile(file));
  if (!parsed.success) throw new ConfigError(`cdk.json: ${firstIssue(parsed.error)}`);
  const { playlists, ...rest } = parsed.data.context.playlistLake;
  try {
    return { ...rest, playlistIds: uniqueIds(playlists) };
  } catch (cause) {
    throw new ConfigError(`cdk.json: context.playlistLake.playlists: ${(cause as Error).message}`, { cause });
  }
}

function readJsonFile(file: URL | string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`cdk.json cannot be read: ${(cause as Error).message}`, { cause });
  }
}
