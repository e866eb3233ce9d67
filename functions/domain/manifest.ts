import * as z from 'zod';
import { isCalendarDate } from './dates.ts';
import { RUN_ID_PATTERN } from './lake-paths.ts';

/**
 * What Extract leaves behind beside the raw responses. The manifest accounts for every playlist that was asked for and
 * every entry that Spotify counted; Transform reads nothing that the manifest does not name.
 */

const wholeNumber = z.int().min(0);
const playlistId = z.string().regex(/^[A-Za-z0-9]+$/);
const snapshotDate = z.string().refine(isCalendarDate);
const runId = z.string().regex(RUN_ID_PATTERN);

/** One response as received, gzipped. */
const RawObjectSchema = z.strictObject({
  key: z.string(),
  /** Position of its first entry. */
  offset: wholeNumber,
  /** Entries in it. */
  entries: wholeNumber,
  /** Size of the object as stored. */
  bytes: wholeNumber,
  /** SHA-256 of the object as stored, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * Which of Spotify's access regimes answered: A only calls the page of a playlist `tracks`, B calls it both ways, C only
 * `items` and leaves it out for a playlist that is not the user's.
 */
const RegimeSchema = z.enum(['A', 'B', 'C']);

/** How a playlist ended. Only a complete one has entries. */
const PLAYLIST_STATUSES = ['complete', 'gone', 'forbidden', 'not_yours'] as const;

export const PlaylistRecordSchema = z
  .strictObject({
    playlist_id: playlistId,
    status: z.enum(PLAYLIST_STATUSES),
    /** Spotify's own words, for a playlist that could not be read. */
    reason: z.string().nullable(),
    regime: RegimeSchema.nullable(),
    /** Spotify's version of the playlist, the same before and after it was read. */
    snapshot_id: z.string().nullable(),
    /** Entries that Spotify counts. */
    total: wholeNumber.nullable(),
    /** Calls that this run made for it; 0 where it is unchanged and the user's list said so. */
    calls: wholeNumber.optional(),
    /** Where the playlist is unchanged, they may stand under another run, and another date. */
    objects: z.array(RawObjectSchema),
  })
  .refine((record) => record.status !== 'complete' || countEntries(record.objects) === record.total, {
    message: 'entries received do not add up to total',
  });

/** A playlist whose reading has begun and is not finished. */
const ReadingSchema = z.strictObject({
  playlist_id: playlistId,
  status: z.literal('reading'),
  /** 1 for the first try; one more each time the playlist moved while it was read. */
  read: z.int().min(1),
  /** Null for the saved tracks, which look alike in all of them. */
  regime: RegimeSchema.nullable(),
  /** The endpoint that gives further pages: `tracks` in regime A, as long as it is not refused. */
  endpoint: z.enum(['items', 'tracks']),
  snapshot_id: z.string(),
  total: wholeNumber,
  /** Calls that this run made for it and that were answered. */
  calls: wholeNumber,
  /** Whether Spotify named a next page. */
  more: z.boolean(),
  objects: z.array(RawObjectSchema),
});

/** Written after every response, so that a reading that is cut off goes on where it was. */
export const ProgressSchema = z.union([ReadingSchema, PlaylistRecordSchema]);

/** Calls of Spotify, for the manifest. */
export const TallySchema = z.strictObject({
  /** How many calls ended how, by endpoint and HTTP status (or `error` where there was none). */
  calls: z.record(z.string(), wholeNumber),
  retries: wholeNumber,
  waited_ms: wholeNumber,
  /** Bytes of the bodies, decoded. */
  bytes: wholeNumber,
});

/** The counters of a run between two calls of Extract, written before its first call of Spotify. */
export const RunTallySchema = z.strictObject({
  /** The market asked for: pages of another one are other pages. */
  market: z.string().nullable(),
  spotify: TallySchema,
  /** How long Spotify asked this run to wait in all, beyond the waits inside a call. */
  asked_to_wait_ms: wholeNumber,
  /** Before this time Spotify is not to be asked. */
  retry_at: z.iso.datetime().nullable(),
});

/** Of this software, for the manifest and for Spotify's log. */
export const SOFTWARE_VERSION = '0.1.0';

export const ManifestSchema = z.strictObject({
  manifest_version: z.literal(1),
  /** The version of this software that wrote it. */
  software_version: z.string().optional(),
  run_id: runId,
  snapshot_date: snapshotDate,
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime(),
  /** Partial: at least one playlist could not be read. */
  status: z.enum(['complete', 'partial']),
  /** The market asked for; null: Spotify's own choice. */
  market: z.string().nullable(),
  keep_personal_data: z.boolean(),
  /** The access regime that Spotify's answers showed; null: no playlist was read. */
  regime: RegimeSchema.nullable().optional(),
  /** Entries of all playlists. */
  entries: wholeNumber.optional(),
  /** Calls of the Web API that were answered, and the most that this many entries may cost; repeats not counted. */
  calls: z.strictObject({ made: wholeNumber, budget: wholeNumber }).optional(),
  /** Days until the user's consent ends; null: not known. */
  token_days_left: z.int().nullable().optional(),
  playlists: z.array(PlaylistRecordSchema).min(1),
  spotify: TallySchema,
});

export type RawObject = z.output<typeof RawObjectSchema>;
export type Regime = z.output<typeof RegimeSchema>;
export type PlaylistRecord = z.output<typeof PlaylistRecordSchema>;
export type Reading = z.output<typeof ReadingSchema>;
export type RunTally = z.output<typeof RunTallySchema>;
export type Tally = z.output<typeof TallySchema>;
export type Manifest = z.output<typeof ManifestSchema>;

/** Entries in these responses together. */
export const countEntries = (objects: readonly Pick<RawObject, 'entries'>[]): number =>
  objects.reduce((sum, { entries }) => sum + entries, 0);

/** The record of a playlist that could not be read. */
export const unreadableRecord = (
  playlist_id: string,
  status: Exclude<PlaylistRecord['status'], 'complete'>,
  reason: string,
): PlaylistRecord => ({ playlist_id, status, reason, regime: null, snapshot_id: null, total: null, objects: [] });

/** What readers' views follow: which run of a date they show. One small object, written at once. */
export const PublicationSchema = z.strictObject({
  snapshot_date: snapshotDate,
  run_id: runId,
  published_at: z.iso.datetime(),
  status: z.enum(['complete', 'partial']),
});
export type Publication = z.output<typeof PublicationSchema>;
