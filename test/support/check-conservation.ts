import { expect } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryEntry } from './arbitrary-entries.ts';
import { expectedRow, transformed, withoutPerson } from './transformed-entries.ts';

/**
 * One playlist of arbitrary and mutated entries through the whole Transform: each position is one row, in one table, and
 * the row is that of the entry. Gives the number of rejected ones.
 */
export async function checkConservation(seed: number, count: number): Promise<number> {
  const sent = fc.sample(arbitraryEntry, { numRuns: count, seed });
  const entries = JSON.parse(JSON.stringify(sent)) as unknown[];
  const { items, rejected } = await transformed('P', entries);

  const positions = [...items, ...rejected].map(({ position }) => Number(position)).sort((a, b) => a - b);
  expect(positions).toEqual(entries.map((_, position) => position));

  for (const row of items) {
    expect(row).toMatchObject({
      playlist_id: 'P',
      ...expectedRow(entries[Number(row.position)], Number(row.position)),
    });
  }
  for (const { playlist_id, position, reason, raw_json } of rejected) {
    expect([playlist_id, reason]).toEqual(['P', expect.stringMatching(/./)]);
    expect(JSON.parse(String(raw_json))).toEqual(withoutPerson(entries[Number(position)]));
  }
  return rejected.length;
}
