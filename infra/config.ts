import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { ConfigError } from '../functions/domain/errors.ts';
import { uniqueIds } from '../functions/domain/execution-input.ts';
import { DEFAULT_READING, type ReadingConfig, ReadingConfigSchema } from '../functions/domain/reading-config.ts';
import { type ValidationLimits, ValidationLimitsSchema } from '../functions/domain/validation-parameters.ts';
import { ConfigSchema, ScheduleSchema } from './config-schema.ts';

/** The IDs stand in this file beside the code of Extract: an environment holds 4 KB, about 170 of them. */
export const PLAYLISTS_FILE = 'playlists.json';

type Block = z.output<typeof ConfigSchema>;

/** What a local run needs of it. */
export interface Config {
  readonly playlistIds: readonly string[];
  readonly market: string | null;
  readonly keepPersonalData: boolean;
  /** Absent: the defaults. */
  readonly reading?: ReadingConfig;
  readonly validation?: ValidationLimits;
}

/** All of it, for AWS. */
export type DeploymentConfig = Omit<Block, 'playlists'> & Config;

/** Throws ConfigError when there is nothing to read, so that no run could succeed. */
export function requireSources({ playlistIds, reading = DEFAULT_READING }: Config): void {
  if (playlistIds.length > 0 || reading.myPlaylists !== 'none' || reading.savedTracks) return;
  throw new ConfigError(
    'cdk.json: context.playlistLake.playlists: name at least one playlist (or choose your own: reading.myPlaylists), or no run can succeed',
  );
}

/** The name of the stack: `PlaylistLake`, or `PlaylistLake-dev` for the stage dev. */
export const stackNameOf = ({ stage }: Pick<DeploymentConfig, 'stage'>): string =>
  stage === 'prod' ? 'PlaylistLake' : `PlaylistLake-${stage}`;

type Texts = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration of cdk.json; `PLAYLIST_LAKE_STAGE` and the like, one a key, win over it. Throws ConfigError
 * in one line that names the key.
 */
export function readConfig(
  file: URL | string = new URL('../cdk.json', import.meta.url),
  environment: Texts = process.env,
): DeploymentConfig {
  const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) }).safeParse(readJsonFile(file));
  if (!cdkJson.success) throw new ConfigError(`cdk.json: ${lineOf(cdkJson.error)}`);
  return configOf(cdkJson.data.context, environment);
}

/**
 * The configuration of a CDK context: its block `playlistLake`, then single keys such as `playlistLake.stage` (what
 * `-c playlistLake.stage=dev` adds), then the environment.
 */
export function configOf(context: Readonly<Record<string, unknown>>, environment: Texts): DeploymentConfig {
  const block = {
    ...(context.playlistLake as object | undefined),
    ...fromContext(context),
    ...fromEnvironment(environment),
  };
  const parsed = ConfigSchema.safeParse(
    context.playlistLake === undefined ? block : mergeable(context.playlistLake, block),
  );
  if (!parsed.success) throw new ConfigError(`cdk.json: context.playlistLake: ${lineOf(parsed.error)}`);
  const { playlists, ...rest } = parsed.data;
  if (rest.tableRetentionDays < rest.retentionDays) {
    throw new ConfigError(
      `cdk.json: context.playlistLake.tableRetentionDays: ${rest.tableRetentionDays} is less than retentionDays (${rest.retentionDays}): a rebuild would bring expired tables back`,
    );
  }
  try {
    return { ...rest, playlistIds: uniqueIds(playlists) };
  } catch (cause) {
    throw new ConfigError(`cdk.json: context.playlistLake.playlists: ${(cause as Error).message}`, { cause });
  }
}

/** A block that is no object is left as it is, for the schema to say so. */
const mergeable = (block: unknown, merged: object): unknown =>
  typeof block === 'object' && block !== null && !Array.isArray(block) ? merged : block;

function fromContext(context: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const prefix = 'playlistLake.';
  const single = Object.entries(context).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(
    single.map(([key, value]) => [key.slice(prefix.length), fromText(key.slice(prefix.length), value)]),
  );
}

function fromEnvironment(environment: Texts): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(ConfigSchema.shape).flatMap((key) => {
      const value = environment[`PLAYLIST_LAKE_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`];
      return value === undefined ? [] : [[key, fromText(key, value)]];
    }),
  );
}

/** `true`, `90` and `{"day":"TUE"}` are JSON; anything else is a text, in the two lists with commas between. */
function fromText(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return key === 'playlists' || key === 'alertEmails' ? value.split(',').map((one) => one.trim()) : value;
  }
}

/** The blocks within the block. */
const BLOCKS: Readonly<Record<string, { readonly shape: object }>> = {
  schedule: ScheduleSchema,
  reading: ReadingConfigSchema,
  validation: ValidationLimitsSchema,
};

/** The first thing that is wrong, with the key; for an unknown key also those there are. */
function lineOf(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return 'is not understood';
  const where = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  if (issue.code !== 'unrecognized_keys') return `${where}${issue.message}`;
  const known = BLOCKS[String(issue.path[0])] ?? ConfigSchema;
  return `${where}there is no key ${issue.keys.join(', ')}; the keys are ${Object.keys(known.shape).join(', ')}`;
}

function readJsonFile(file: URL | string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`cdk.json cannot be read: ${(cause as Error).message}`, { cause });
  }
}
