import * as z from 'zod';
import { ReadingConfigSchema } from '../functions/domain/reading-config.ts';
import { ValidationLimitsSchema } from '../functions/domain/validation-parameters.ts';

export const DAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;

const NO_SCHEDULE = 'has to be like {"day": "MON", "time": "06:00"}, in UTC; a cron expression is not taken';

/**
 * A day and a time rather than a cron expression: one that never fires cannot be written, and the alarm on a missed run
 * has to know the day.
 */
export const ScheduleSchema = z.strictObject(
  {
    day: z.enum(DAYS, `is not one of ${DAYS.join(', ')}`).default('MON'),
    /** HH:MM in UTC. */
    time: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time from "00:00" to "23:59", in UTC')
      .default('06:00'),
  },
  { error: ({ code }) => (code === 'invalid_type' ? NO_SCHEDULE : undefined) },
);

/** The block `playlistLake` in cdk.json's context: the one place a person configures. A wrong key is an error. */
export const ConfigSchema = z.strictObject({
  /** IDs, spotify:playlist: URIs or open.spotify.com links. */
  playlists: z.array(z.string(), 'has to be a list of IDs, URIs or links').default([]),
  /** ISO 3166-1 alpha-2, or null for the market of the user whose token reads. */
  market: z
    .string()
    .regex(/^[A-Z]{2}$/, 'is not a country code like "DE"')
    .nullable()
    .default(null),
  /** Whether the tables keep owner IDs and who added an entry. */
  keepPersonalData: z.boolean().default(false),
  /** What else is read, and how often in full. */
  reading: ReadingConfigSchema.prefault({}),
  /** From where on a snapshot is not published (rejected) or noted as odd (shrunk, age). */
  validation: ValidationLimitsSchema.prefault({}),
  /** The weekly run. */
  schedule: ScheduleSchema.default(ScheduleSchema.parse({})),
  /** Who hears of failures; each has to confirm once. */
  alertEmails: z.array(z.email('is not an e-mail address'), 'has to be a list, like ["you@example.org"]').default([]),
  /** How long raw/ keeps Spotify's responses, in days. */
  retentionDays: z
    .int()
    .min(4, 'has to be 4 or more: a run may last three days, and the raw responses must not be gone before its end')
    .max(3650)
    .default(90),
  /** How long the tables and what is published of them are kept, in days from when they were written. */
  tableRetentionDays: z
    .int()
    .min(1, 'has to be 1 or more: with 0 the tables are gone before they are read')
    .max(3650)
    .default(730),
  /** prod keeps its data when the stack is destroyed; any other goes without a trace. */
  stage: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,11}$/, 'is not 1 to 12 small letters and digits')
    .default('prod'),
  dashboard: z.boolean().default(true),
  /** A KMS key of your own for bucket, secret, topic and queue: 1 USD a month. */
  customerKey: z.boolean().default(false),
  /** For an account whose catalogue is governed by Lake Formation. */
  lakeFormation: z.boolean().default(false),
  /** An existing secret instead of a new one. */
  secretArn: z
    .string()
    .regex(/^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:.+-\w{6}$/, 'is not the complete ARN of a secret')
    .nullable()
    .default(null),
  /** An existing bucket instead of a new one; its rules stay its owner's. */
  bucketName: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not the name of a bucket')
    .nullable()
    .default(null),
  /** Where alerts send a reader. */
  runbookUrl: z.string().min(1).default('docs/runbook.md'),
});
