/** How long a user's consent still holds. Spotify says so in no answer, so the time of consent is kept beside the token. */

const DAY_MS = 86_400_000;
/** Refresh tokens die six months after the consent, used or not (since 2026-06-18). */
const CONSENT_MONTHS = 6;
/** From these days on every run says so, more urgently each time. */
const NOTICE_DAYS = [3, 14, 30] as const;

/** The end of a consent: the same day six months later, or the last of that month. */
export function consentEndsAt(authorizedAt: Date): Date {
  const end = new Date(authorizedAt);
  end.setUTCMonth(end.getUTCMonth() + CONSENT_MONTHS);
  // 31 August and six months is no day of February: JavaScript rolls it over to March.
  if (end.getUTCDate() !== authorizedAt.getUTCDate()) end.setUTCDate(0);
  return end;
}

/** Whole days until the consent ends, negative after it; null when nobody noted the time of consent. */
export function tokenDaysLeft(authorizedAt: string | null, now: Date): number | null {
  if (authorizedAt === null || Number.isNaN(Date.parse(authorizedAt))) return null;
  return Math.floor((consentEndsAt(new Date(authorizedAt)).getTime() - now.getTime()) / DAY_MS);
}

/** What a run says about a consent that ends soon; null from 31 days on. `command` is what to type. */
export function consentNotice(daysLeft: number | null, command: string): string | null {
  if (daysLeft === null) return null;
  const mark = NOTICE_DAYS.find((days) => daysLeft <= days);
  if (mark === undefined) return null;
  const when = daysLeft < 0 ? 'has ended' : daysLeft === 0 ? 'ends today' : `ends in ${daysLeft} ${plural(daysLeft)}`;
  const urgency = mark === 3 ? 'The next run will fail. ' : '';
  return `Spotify's consent ${when}. ${urgency}Consent again: ${command}`;
}

const plural = (days: number) => (days === 1 ? 'day' : 'days');
