import { describe, expect, test } from '@jest/globals';
import type { DemoPlaylist } from '../../../../infra/local/demo-spotify/catalogue.ts';
import { entriesOfWeek, weekIndex } from '../../../../infra/local/demo-spotify/weeks.ts';

describe('weekIndex', () => {
  test.each([
    ['2026-01-05', 0],
    ['2026-01-11', 0],
    ['2026-01-12', 1],
    ['2026-03-01', 7],
    ['2026-03-02', 0],
    ['2026-11-23', 6],
    ['2026-11-29', 6],
    ['2026-01-04', 7],
    ['2025-12-29', 7],
    ['2025-11-10', 0],
    ['2025-11-09', 7],
  ])('%s is week %i', (date, week) => expect(weekIndex(date)).toBe(week));

  test.each(['', 'today', '2026-1-5', '2026-02-30', '2026-01-05T00:00:00Z'])('refuses %j', (date) => {
    expect(() => weekIndex(date)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }));
  });
});

test('entries stand in the order of their numbers, and 0 keeps one out', () => {
  const entry = (track: string, order: number | number[]) => ({ track, added_at: null, order });
  const playlist = {
    entries: [entry('always', 20), entry('climbs', [30, 10]), entry('leaves', [5, 0]), entry('comes', [0, 15])],
  } as unknown as DemoPlaylist;
  const titles = (week: number) => entriesOfWeek(playlist, week).map((found) => ('track' in found ? found.track : ''));
  expect(titles(0)).toEqual(['leaves', 'always', 'climbs']);
  expect(titles(1)).toEqual(['climbs', 'comes', 'always']);
});
