import { expect, test } from '@jest/globals';
import { checkConservation } from '../support/check-conservation.ts';

const BATCHES = Array.from({ length: 50 }, (_, seed) => seed);

// 100,000 in all.
test.each(BATCHES)('each of 2,000 arbitrary and mutated entries is one row, the right one: batch %i', async (seed) => {
  expect((await checkConservation(seed, 2000)).wrong).toEqual([]);
});
