/**
 * A refresh token lives six months from the user's consent, and refreshing does not extend it (Spotify, 2026-06-18).
 * The shortest six months there are have 181 days.
 */
const CONSENT_DAYS = 181;
const DAY_MS = 86_400_000;

/** Whole days until the user has to consent again, below 0 afterwards; undefined when nobody noted the consent. */
export function daysUntilConsentEnds(authorizedAt: string | undefined, now: Date): number | undefined {
  if (authorizedAt === undefined) return undefined;
  return Math.floor((Date.parse(authorizedAt) + CONSENT_DAYS * DAY_MS - now.getTime()) / DAY_MS);
}
