import { isCalendarDate } from '../../../functions/domain/dates.ts';
import { InvalidInputError } from '../../../functions/domain/errors.ts';
import type { DemoEntry, DemoPlaylist } from './catalogue.ts';

/** How many weeks the story of the demo has; after them it starts over. */
export const WEEKS = 8;

const DAY_MS = 86_400_000;
/** A Monday, so that a week of the demo is a week of the calendar. */
const FIRST_MONDAY = Date.UTC(2026, 0, 5);

/**
 * Which week of the story a date lies in, 0 to 7. Weeks run from Monday to Sunday and count from 2026-01-05; the story
 * starts over every eight weeks, in both directions, so that every date has its week.
 * Throws InvalidInputError when the text is no date of the form YYYY-MM-DD.
 */
export function weekIndex(snapshotDate: string): number {
  if (!isCalendarDate(snapshotDate)) {
    throw new InvalidInputError(
      `snapshot date ${JSON.stringify(snapshotDate)} is not a date: write it as YYYY-MM-DD, such as 2026-11-23`,
    );
  }
  const days = (Date.parse(`${snapshotDate}T00:00:00Z`) - FIRST_MONDAY) / DAY_MS;
  // The remainder of a negative number is negative (or -0) in JavaScript: add a round and take it again.
  return ((Math.floor(days / 7) % WEEKS) + WEEKS) % WEEKS;
}

/** The entries of a playlist in that week, in their order. */
export function entriesOfWeek(playlist: DemoPlaylist, week: number): DemoEntry[] {
  return playlist.entries
    .filter((entry) => orderOf(entry, week) > 0)
    .sort((one, other) => orderOf(one, week) - orderOf(other, week));
}

const orderOf = ({ order }: DemoEntry, week: number): number =>
  typeof order === 'number' ? order : (order[week] ?? 0);
