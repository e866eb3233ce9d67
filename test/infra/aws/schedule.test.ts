import { expect, test } from '@jest/globals';
import { nextWeeklyRun } from '../../../infra/aws/schedule.ts';

const at = (text: string) => new Date(`${text}Z`);

// 2026-11-23 is a Monday.
test.each([
  ['cron(0 6 ? * MON *)', '2026-11-23T05:59:59', '2026-11-23T06:00:00'],
  ['cron(0 6 ? * MON *)', '2026-11-23T06:00:00', '2026-11-30T06:00:00'],
  ['cron(30 23 ? * SUN *)', '2026-12-28T00:00:00', '2027-01-03T23:30:00'],
  ['cron(05 00 ? * TUE *)', '2026-11-23T23:00:00', '2026-11-24T00:05:00'],
])('%s after %s', (expression, after, next) => {
  expect(nextWeeklyRun(expression, at(after))).toEqual(at(next));
});

test.each(['rate(7 days)', 'cron(0 6 1 * ? *)', 'cron(0 6 ? * FUN *)', ''])('%s is not read', (expression) => {
  expect(nextWeeklyRun(expression, at('2026-11-23T00:00:00'))).toBeUndefined();
});
