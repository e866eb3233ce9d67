import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addedAt, firstReleaseDay, isCalendarDate } from '../../../functions/domain/dates.ts';

test.each(['2026-11-23', '2024-02-29', '0001-01-01', '9999-12-31'])('%s is a date of the calendar', (text) => {
  expect(isCalendarDate(text)).toBe(true);
});

test.each([
  '2026-02-30',
  '2026-13-01',
  '2025-02-29',
  '2026-1-1',
  '23.11.2026',
  '',
  '0000-01-01',
  '2026-11-23T00:00:00Z',
])('%j is no date of the calendar', (text) => {
  expect(isCalendarDate(text)).toBe(false);
});

test('every day of the calendar is its own release day', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      const text = date.toISOString().slice(0, 10);
      expect(firstReleaseDay(text)?.toISOString()).toBe(`${text}T00:00:00.000Z`);
      expect(firstReleaseDay(text.slice(0, 7))?.toISOString()).toBe(`${text.slice(0, 7)}-01T00:00:00.000Z`);
      expect(firstReleaseDay(text.slice(0, 4))?.toISOString()).toBe(`${text.slice(0, 4)}-01-01T00:00:00.000Z`);
    }),
  );
});

test.each([
  '',
  '0000',
  '0000-05',
  '198',
  '1981-13',
  '1981-02-30',
  '1981-1-1',
  '198O',
  '1981-12-15T00:00:00Z',
  '-198-01',
])('%j has no first release day', (text) => {
  expect(firstReleaseDay(text)).toBeNull();
});

test('when an entry was added: known, unknown, or no time', () => {
  expect(addedAt('2024-05-06T07:08:09Z')).toEqual(new Date('2024-05-06T07:08:09Z'));
  expect(addedAt('2024-05-06T07:08:09.120Z')).toEqual(new Date('2024-05-06T07:08:09.120Z'));
  expect([addedAt(null), addedAt(undefined), addedAt('1970-01-01T00:00:00Z')]).toEqual([null, null, null]);
  expect([
    addedAt(''),
    addedAt('2024-05-06'),
    addedAt('2024-02-30T00:00:00Z'),
    addedAt('2024-05-06T25:00:00Z'),
  ]).toEqual([undefined, undefined, undefined, undefined]);
});
