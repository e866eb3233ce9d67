import { expect, test } from '@jest/globals';
import { createIdSet } from '../../../functions/domain/id-set.ts';

/** 22 characters of ASCII, as Spotify's IDs are. There are so many that some share a hash of 32 bits. */
const id = (number: number): string => `${number}`.padStart(22, 'aZ');
const odd = (number: number): string =>
  [`${number}`, '', `Ł${number}`.padEnd(22, 'x'), `${number}`.repeat(5)][number % 4] as string;

test('an ID is new once, however many there are and whatever they look like', () => {
  const set = createIdSet();
  const known = new Set<string>();
  let again = 0;
  for (let step = 0; step < 400_000; step += 1) {
    // Every other one was met before or will be.
    const number = step % 2 ? Math.floor(step * 0.37) : step;
    const text = step % 10 < 2 ? odd(number) : id(number);
    const isNew = !known.has(text);
    known.add(text);
    if (!isNew) again += 1;
    if (set.add(text) !== isNew) throw new Error(`${text} at step ${step} was taken for ${isNew ? 'known' : 'new'}`);
  }
  expect([known.size > 200_000, again > 50_000]).toEqual([true, true]);
});
