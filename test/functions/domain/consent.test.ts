import { expect, test } from '@jest/globals';
import { consentEndsAt, consentNotice, tokenDaysLeft } from '../../../functions/domain/consent.ts';

test.each([
  ['2026-06-18T10:00:00.000Z', '2026-12-18T10:00:00.000Z'],
  ['2026-08-31T10:00:00.000Z', '2027-02-28T10:00:00.000Z'],
  ['2026-12-31T23:59:59.000Z', '2027-06-30T23:59:59.000Z'],
])('a consent of %s ends at %s', (authorizedAt, end) => {
  expect(consentEndsAt(new Date(authorizedAt)).toISOString()).toBe(end);
});

const now = new Date('2026-11-23T06:00:00Z');

test.each<[string | null, number | null]>([
  [null, null],
  ['yesterday', null],
  ['2026-11-23T06:00:00Z', 181],
  ['2026-05-24T07:00:00Z', 1],
  ['2026-05-23T07:00:00Z', 0],
  ['2026-05-22T06:00:00Z', -1],
])('consent of %j: %j days left', (authorizedAt, days) => {
  expect(tokenDaysLeft(authorizedAt, now)).toBe(days);
});

test.each([30, 14, 3, 0, -1])('%i days left: the notice says what to type', (days) => {
  expect(consentNotice(days, 'npm run auth')).toContain('npm run auth');
});

test('three days before the end it says that the next run will fail, thirty days before it does not', () => {
  const [early, late] = [consentNotice(30, ''), consentNotice(3, '')];
  expect(late?.length).toBeGreaterThan(early?.length ?? 0);
});

test.each([31, 181, null])('%j days left: no notice', (days) => {
  expect(consentNotice(days, 'npm run auth')).toBeNull();
});
