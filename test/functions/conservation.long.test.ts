import { expect, test } from '@jest/globals';
import { checkConservation } from '../support/check-conservation.ts';

const BATCHES = 100;
const ENTRIES = 1000;

test('each of 100,000 arbitrary and mutated entries is one row, the right one, batch by batch', async () => {
  let rejected = 0;
  for (let seed = 0; seed < BATCHES; seed += 1) rejected += await checkConservation(seed, ENTRIES);
  expect(rejected).toBeGreaterThan((BATCHES * ENTRIES) / 10);
  expect(rejected).toBeLessThan((BATCHES * ENTRIES * 9) / 10);
}, 300_000);
