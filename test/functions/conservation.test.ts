import { expect, test } from '@jest/globals';
import { checkConservation } from '../support/check-conservation.ts';

test('each of 1,000 arbitrary and mutated entries is one row, the right one; what is rejected is kept as it came', async () => {
  const { wrong, rejected } = await checkConservation(20_261_123, 1000);
  expect(wrong).toEqual([]);
  // Otherwise the entries would test one side only.
  expect(rejected).toBeGreaterThan(100);
  expect(rejected).toBeLessThan(900);
});
