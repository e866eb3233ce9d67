import * as z from 'zod';
import { isCalendarDate } from './dates.ts';
import { InvalidInputError } from './errors.ts';
import { RUN_ID_PATTERN } from './lake-paths.ts';
import { playlistIdOf } from './playlist-reference.ts';
import { firstIssue } from './spotify-schemas.ts';

/** What the state machine hands to each Lambda function. Everything in it is checked here before anything is done. */

const snapshotDate = z.string().refine(isCalendarDate, 'is not a date of the calendar in the form YYYY-MM-DD');
const runId = z.string().regex(RUN_ID_PATTERN, 'is not the name of an execution');
const playlistIds = z.array(z.string().regex(/^[A-Za-z0-9]+$/)).min(1);

/** What a person may give in the Step Functions console. Empty for the weekly run. */
const ExecutionInputSchema = z.strictObject({
  /** The date the snapshot stands for; the day of the start, in UTC, when it is not given. */
  snapshotDate: snapshotDate.optional(),
  /** Given by the weekly rule: its hour, so that a start that comes late, after midnight, keeps the date. */
  scheduledAt: z.iso.datetime().optional(),
  /** IDs, URIs or links; they take the place of the configured ones. */
  playlists: z.array(z.string()).min(1).optional(),
  /** Transform again what raw/ holds of the date, without a call to Spotify. */
  fromRaw: z.boolean().default(false),
  /** Only run the checks on the published snapshot of the date. */
  validateOnly: z.boolean().default(false),
});

const PreparePayloadSchema = z.strictObject({ runId, startedAt: z.iso.datetime(), input: ExecutionInputSchema });
const ExtractPayloadSchema = z.strictObject({
  runId,
  startedAt: z.iso.datetime(),
  snapshotDate,
  /** Null: the configured ones. */
  playlistIds: playlistIds.nullable(),
});
const RunPayloadSchema = z.strictObject({ runId, snapshotDate });
const PublishPayloadSchema = z.strictObject({ runId, snapshotDate, status: z.enum(['complete', 'partial']) });

export type ExtractPayload = z.output<typeof ExtractPayloadSchema>;

export interface PreparePayload {
  readonly runId: string;
  readonly startedAt: string;
  readonly snapshotDate: string;
  readonly mode: 'snapshot' | 'fromRaw' | 'validateOnly';
  /** IDs, each once, in the order asked for; null: the configured ones. */
  readonly playlistIds: string[] | null;
}

/** Each of these throws InvalidInputError that names the field. */
export function parsePreparePayload(payload: unknown): PreparePayload {
  const { input, ...run } = parse(PreparePayloadSchema, payload);
  const { playlists, fromRaw, validateOnly } = input;
  if (fromRaw && validateOnly) throw new InvalidInputError('input: fromRaw and validateOnly exclude each other');
  if (playlists && (fromRaw || validateOnly)) {
    throw new InvalidInputError('input: playlists only goes with a new snapshot, not with fromRaw or validateOnly');
  }
  return {
    ...run,
    snapshotDate: input.snapshotDate ?? (input.scheduledAt ?? run.startedAt).slice(0, 10),
    mode: fromRaw ? 'fromRaw' : validateOnly ? 'validateOnly' : 'snapshot',
    playlistIds: playlists ? uniqueIds(playlists) : null,
  };
}
export const parseExtractPayload = (payload: unknown): ExtractPayload => parse(ExtractPayloadSchema, payload);
export const parseRunPayload = (payload: unknown) => parse(RunPayloadSchema, payload);
export const parsePublishPayload = (payload: unknown) => parse(PublishPayloadSchema, payload);

/** The IDs of these playlists, each once. Throws InvalidInputError for the first that is none. */
export const uniqueIds = (references: readonly string[]): string[] => [...new Set(references.map(playlistIdOf))];

function parse<T extends z.ZodType>(schema: T, payload: unknown): z.output<T> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(firstIssue(parsed.error));
}
