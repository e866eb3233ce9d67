import * as z from 'zod';
import { isCalendarDate } from './dates.ts';
import { InvalidInputError } from './errors.ts';
import { RUN_ID_PATTERN } from './lake-paths.ts';
import { playlistIdOf } from './playlist-reference.ts';
import { firstIssue } from './spotify-schemas.ts';

/** What the state machine hands to each Lambda function. Everything in it is checked here before anything is done. */

const snapshotDate = z.string().refine(isCalendarDate, 'is not a date of the calendar in the form YYYY-MM-DD');
const runId = z.string().regex(RUN_ID_PATTERN, 'is not the name of an execution');

/** The execution's own input: empty for the weekly run; a person may name a date and playlists. */
const ExecutionInputSchema = z.strictObject({
  snapshotDate: snapshotDate.optional(),
  /** IDs, URIs or links; they take the place of the configured ones. */
  playlists: z.array(z.string()).min(1).optional(),
});

const ExtractPayloadSchema = z.strictObject({
  runId,
  startedAt: z.iso.datetime(),
  input: ExecutionInputSchema,
  snapshotDate,
});

const RunPayloadSchema = z.strictObject({ runId, snapshotDate });

const PublishPayloadSchema = z.strictObject({ runId, snapshotDate, status: z.enum(['complete', 'partial']) });

export interface ExtractPayload {
  readonly runId: string;
  readonly startedAt: string;
  readonly snapshotDate: string;
  /** IDs, each once, in the order asked for; undefined: the configured ones. */
  readonly playlistIds: readonly string[] | undefined;
}

/** Each throws InvalidInputError that names the field. */
export function parseExtractPayload(payload: unknown): ExtractPayload {
  const { input, ...rest } = parse(ExtractPayloadSchema, payload);
  return { ...rest, playlistIds: input.playlists && uniqueIds(input.playlists) };
}
export const parseRunPayload = (payload: unknown) => parse(RunPayloadSchema, payload);
export const parsePublishPayload = (payload: unknown) => parse(PublishPayloadSchema, payload);

/** The IDs of these playlists, each once. Throws InvalidInputError for the first that is none. */
export const uniqueIds = (references: readonly string[]): string[] => [...new Set(references.map(playlistIdOf))];

function parse<T extends z.ZodType>(schema: T, payload: unknown): z.output<T> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(`input: ${firstIssue(parsed.error)}`);
}
