/** Dates as text in, dates out; every time is UTC. No clock here: whoever asks says what time it is. */

const CALENDAR_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Whether the text is a date of the calendar in the form YYYY-MM-DD ("2026-02-30" is not). */
export function isCalendarDate(text: string): boolean {
  return CALENDAR_DATE.test(text) && utcDay(text) !== null;
}

/**
 * The first day that an album's release date can mean: "1981" is 1981-01-01, "1981-12" is 1981-12-01. Read by length,
 * because Spotify's precision label and the text can disagree. Null for "0000" (a takedown), "" and anything else.
 */
export function firstReleaseDay(text: string | null): Date | null {
  if (text === null) return null;
  if (/^\d{4}$/.test(text)) return utcDay(`${text}-01-01`);
  if (/^\d{4}-\d{2}$/.test(text)) return utcDay(`${text}-01`);
  return CALENDAR_DATE.test(text) ? utcDay(text) : null;
}

/** Year 0 is no year of the calendar: Spotify writes "0000" where it has taken the date away. */
function utcDay(text: string): Date | null {
  const day = new Date(`${text}T00:00:00Z`);
  const isReal = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
  return isReal && !text.startsWith('0000') ? day : null;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

/**
 * When an entry was added. Null where Spotify does not know: absent in very old playlists, and the first second of 1970
 * in algorithmic ones. Undefined when the text is not a time at all, so that the caller can refuse it.
 */
export function addedAt(text: string | null | undefined): Date | null | undefined {
  if (text === null || text === undefined || text === '1970-01-01T00:00:00Z') return null;
  const time = new Date(text);
  if (!ISO_TIME.test(text) || Number.isNaN(time.getTime())) return undefined;
  // JavaScript rolls 30 February over to March; such a text is no time.
  return time.toISOString().slice(0, 19) === text.slice(0, 19) ? time : undefined;
}
