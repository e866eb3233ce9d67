/** Dates as text in, dates out; every time is UTC. No clock here: whoever asks says what time it is. */

const CALENDAR_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Whether the text is a date of the calendar in the form YYYY-MM-DD ("2026-02-30" is not). */
export const isCalendarDate = (text: string): boolean => calendarDay(text) !== null;

/** What makes a whole date of one that ends with the year, the month or the day, by the text's length. */
const FIRST_DAY: Readonly<Record<number, string>> = { 4: '-01-01', 7: '-01', 10: '' };

/**
 * The first day that an album's release date can mean: "1981" is 1981-01-01, "1981-12" is 1981-12-01. Read by length,
 * because Spotify's precision label and the text can disagree. Null for "0000" (a takedown), "" and anything else.
 */
export function firstReleaseDay(text: string | null): Date | null {
  const rest = FIRST_DAY[text?.length ?? 0];
  return rest === undefined ? null : calendarDay(`${text}${rest}`);
}

/** Year 0 is no year of the calendar: Spotify writes "0000" where it has taken the date away. */
function calendarDay(text: string): Date | null {
  if (!CALENDAR_DATE.test(text) || text.startsWith('0000')) return null;
  // JavaScript takes 30 February for a day of March.
  const day = new Date(text);
  return day.getUTCDate() === twoDigits(text, 8) ? day : null;
}

const twoDigits = (text: string, at: number): number => 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * ZERO;
const ZERO = 0x30;

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/**
 * When an entry was added. Null where Spotify does not know: absent in very old playlists, and the first second of 1970
 * in algorithmic ones. Undefined when the text is not a time at all, so that the caller can refuse it.
 */
export function addedAt(text: string | null | undefined): Date | null | undefined {
  if (text === null || text === undefined || text === '1970-01-01T00:00:00Z') return null;
  if (!ISO_TIME.test(text)) return undefined;
  // JavaScript knows milliseconds only, and takes 24:00 for the next day, 30 February for a day of March.
  const time = new Date(text.length > 24 ? `${text.slice(0, 23)}Z` : text);
  const isReal = time.getUTCDate() === twoDigits(text, 8) && time.getUTCHours() === twoDigits(text, 11);
  return isReal ? time : undefined;
}

/** Both days are within; absent: no bound. */
export interface DateRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Why this is no range, with `prefix` before the option or field at fault; undefined when it is one. */
export function rangeProblem({ from, to }: DateRange, prefix: '--' | 'input.'): string | undefined {
  for (const [name, date] of Object.entries({ from, to })) {
    if (date === undefined || isCalendarDate(date)) continue;
    return `${prefix}${name} ${date} is not a date of the calendar in the form YYYY-MM-DD`;
  }
  if (from === undefined || to === undefined || from <= to) return undefined;
  return `${prefix}from ${from} is later than ${prefix}to ${to}: give the earlier date first`;
}
