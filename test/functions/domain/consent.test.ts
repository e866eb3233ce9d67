import { expect, test } from '@jest/globals';
import { daysUntilConsentEnds } from '../../../functions/domain/consent.ts';

const NOW = new Date('2026-11-23T06:00:00Z');

test.each([
  ['2026-11-23T06:00:00Z', 181],
  ['2026-11-23T07:00:00+01:00', 181],
  ['2026-05-26T06:00:00Z', 0],
  ['2026-05-26T05:59:59Z', -1],
])('a consent of %s has %i days left', (authorizedAt, days) => {
  expect(daysUntilConsentEnds(authorizedAt, NOW)).toBe(days);
});

test('without a date nobody knows', () => {
  expect(daysUntilConsentEnds(undefined, NOW)).toBeUndefined();
});
