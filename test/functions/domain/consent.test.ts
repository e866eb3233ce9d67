import { expect, test } from '@jest/globals';
import { consentEndsAt, consentNotice, tokenDaysLeft } from '../../../functions/domain/consent.ts';

test.each([
  ['2026-06-18T10:00:00Z', '2026-12-18T10:00:00.000Z'],
  ['2026-08-31T00:00:00Z', '2027-02-28T00:00:00.000Z'],
  ['2027-08-31T00:00:00Z', '2028-02-29T00:00:00.000Z'],
])('a consent of %s ends at %s', (given, end) => {
  expect(consentEndsAt(new Date(given)).toISOString()).toBe(end);
});

test('days that are left are whole, and negative afterwards', () => {
  const days = (now: string) => tokenDaysLeft('2026-06-18T10:00:00Z', new Date(now));
  expect([days('2026-12-17T10:00:00Z'), days('2026-12-17T10:00:01Z'), days('2026-12-19T10:00:00Z')]).toEqual([
    1, 0, -1,
  ]);
  expect([tokenDaysLeft(null, new Date()), tokenDaysLeft('last summer', new Date())]).toEqual([null, null]);
});

test('a notice is given from 30 days on, and says what to type', () => {
  expect([consentNotice(null, 'x'), consentNotice(31, 'x')]).toEqual([null, null]);
  expect(consentNotice(30, 'npm run auth')).toContain('ends in 30 days');
  expect(consentNotice(1, 'npm run auth')).toMatch(/ends in 1 day\. .*npm run auth/);
  expect(consentNotice(-1, 'npm run auth')).toContain('has ended');
});
