import { tokenDaysLeft } from '../../functions/domain/consent.ts';
import { readableCause } from '../local/report.ts';
import type { SecretState } from './look-at-secret.ts';
import { nextWeeklyRun } from './schedule.ts';

/** The lines of `npm run status`. One that asks a person to do something begins with an exclamation mark. Pure. */

export interface RunFact {
  readonly name: string;
  readonly status: string;
  readonly startDate: Date;
  readonly stopDate: Date | undefined;
  readonly error?: string;
  readonly cause?: string;
}

export interface AlarmFact {
  readonly name: string;
  readonly state: string;
  readonly since: Date | undefined;
  readonly description: string;
}

const LONGEST_CAUSE = 200;
const minute = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export function runLines(runs: readonly RunFact[]): string[] {
  if (runs.length === 0) return ['! none yet; start the first: npm run run:aws'];
  return runs.map(({ name, status, startDate, stopDate, error, cause = '' }, index) => {
    const took = stopDate ? ` in ${duration(stopDate.getTime() - startDate.getTime())}` : '';
    const line = `${minute(startDate)}  ${status}${took}  ${name}`;
    if (error === undefined) return line;
    const why = readableCause(cause).replace(/\s+/g, ' ').slice(0, LONGEST_CAUSE);
    // Only the latest failure still asks for something.
    return `${index === 0 ? '! ' : ''}${line}\n      ${error}: ${why}`;
  });
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes < 1
    ? `${Math.round(ms / 1000)} s`
    : minutes < 120
      ? `${minutes} min`
      : `${Math.floor(minutes / 60)} h`;
}

export function nextRunLine(schedule: { expression: string; isOff: boolean } | undefined, now: Date): string {
  if (!schedule) return '! the stack has no weekly rule: npm run deploy';
  if (schedule.isOff) return `! the weekly rule is switched off: ${schedule.expression}`;
  const next = nextWeeklyRun(schedule.expression, now);
  return next ? `${minute(next)}, then every week` : schedule.expression;
}

export function alarmLines(alarms: readonly AlarmFact[]): string[] {
  if (alarms.length === 0) return ['! the stack has no alarms: npm run deploy'];
  const ringing = alarms.filter(({ state }) => state === 'ALARM');
  if (ringing.length === 0) return [`none of ${alarms.length} in ALARM`];
  return ringing.map(
    ({ name, since, description }) => `! ${name}, since ${since ? minute(since) : 'some time'}: ${description}`,
  );
}

/** A month is enough to find a quiet minute for consenting again. */
const SOON_DAYS = 30;
const CONSENT = 'consent again: npm run auth -- --aws';

export function secretLine(secret: SecretState, now: Date): string {
  if (secret.kind !== 'put') {
    const what = secret.kind === 'placeholder' ? 'still holds the placeholder' : 'is not of the form expected';
    return `! the secret ${what}: npm run credentials`;
  }
  const days = tokenDaysLeft(secret.authorizedAt ?? null, now);
  if (days === null || secret.authorizedAt === undefined)
    return 'nobody noted the day of consent; npm run credentials notes it';
  const consent = `the consent of ${secret.authorizedAt.slice(0, 10)}`;
  if (days < 0) return `! ${consent} has ended: ${CONSENT}`;
  return days <= SOON_DAYS ? `! ${days} days left of ${consent}: ${CONSENT}` : `${days} days left of ${consent}`;
}
