import * as z from 'zod';
import type { RunPlace } from './lake-paths.ts';
import { TABLE_NAMES } from './tables.ts';

/** From where on a snapshot is suspicious. Percentages are whole numbers. One block of the configuration. */
export const ValidationLimitsSchema = z.strictObject({
  /** More rejected entries than this, of all entries of the run, and it is not published. */
  maxRejectedPercent: z.int().min(0).max(100).default(10),
  /** A playlist that lost more of its entries since its last snapshot is a warning. */
  maxShrunkPercent: z.int().min(0).max(100).default(50),
  /** A snapshot whose date is longer ago than this many days when the run starts is a warning. */
  maxAgeDays: z.int().min(0).max(3650).default(8),
});

export type ValidationLimits = z.output<typeof ValidationLimitsSchema>;

export const DEFAULT_LIMITS: ValidationLimits = ValidationLimitsSchema.parse({});

/** How far back the last snapshot of a playlist is looked for: a month of weekly runs, some of which may have failed. */
const LOOK_BACK_DAYS = 35;
const DAY_MS = 86_400_000;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const daysBefore = (date: string, days: number): string =>
  literal(new Date(Date.parse(`${date}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10));

/**
 * The ExecutionParameters of `statemachine/validation.sql` for one run that is looked at on the day `today`: SQL literals,
 * so each text carries its own single quotes. The query names the date and the run once a table, in the order of
 * TABLE_NAMES, then the weeks before and the limits.
 */
export const validationParameters = (
  { snapshotDate, runId }: RunPlace,
  today: string,
  { maxAgeDays, maxShrunkPercent, maxRejectedPercent }: ValidationLimits = DEFAULT_LIMITS,
): string[] => [
  ...TABLE_NAMES.flatMap(() => [literal(snapshotDate), literal(runId)]),
  daysBefore(snapshotDate, LOOK_BACK_DAYS),
  literal(snapshotDate),
  literal(snapshotDate),
  daysBefore(today, maxAgeDays),
  String(maxShrunkPercent),
  String(maxRejectedPercent),
];
