import { expect, test } from '@jest/globals';
import { readRetryAfter } from '../../../functions/domain/retry-after.ts';

const NOW = Date.parse('2026-11-23T03:00:00Z');
const WEEK_MS = 604_800_000;

test.each([
  ['1', 1_000],
  ['30', 30_000],
  ['3600', 3_600_000],
  ['86400', 86_400_000],
  [' 2 ', 2_000],
  ['1.5', 1_500],
  ['0', 1_000],
  ['Mon, 23 Nov 2026 03:00:30 GMT', 30_000],
  ['Monday, 23-Nov-26 03:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 02:00:00 GMT', 1_000],
])('Retry-After "%s" is taken as it stands: %i ms', (header, ms) => {
  expect(readRetryAfter(header, NOW, 5_000)).toEqual({ ms });
});

test.each([
  [null, 5_000],
  ['', 5_000],
  ['-5', 5_000],
  ['NaN', 5_000],
  ['soon', 5_000],
  ['5, 5', 5_000],
  ['Mon, 99 Nov 2026 03:00:30 GMT', 5_000],
  ['604801', WEEK_MS],
  ['9'.repeat(400), WEEK_MS],
  ['Mon, 23 Nov 2099 03:00:00 GMT', WEEK_MS],
])('Retry-After "%s" is made sane: %i ms', (header, ms) => {
  const read = readRetryAfter(header, NOW, 5_000);
  expect(read.ms).toBe(ms);
  expect(read.note).toBeDefined();
});
