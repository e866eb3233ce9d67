import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { arbitraryEntry } from './arbitrary-entries.ts';
import { expectedRow, transformed, withoutPerson } from './transformed-entries.ts';

/**
 * One playlist of arbitrary and mutated entries through the whole Transform: each position is one row, in one table, and
 * the row is that of the entry. Gives the positions where it is not, and how many entries were rejected.
 */
export async function checkConservation(seed: number, count: number): Promise<{ wrong: unknown[]; rejected: number }> {
  const sent = fc.sample(arbitraryEntry, { numRuns: count, seed });
  const entries = JSON.parse(JSON.stringify(sent)) as unknown[];
  const { items, rejected } = await transformed('P', entries);
  const isItem = (row: Record<string, unknown>) => {
    const expected = { playlist_id: 'P', ...expectedRow(entries[Number(row.position)], Number(row.position)) };
    return Object.entries(expected).every(([name, value]) => row[name] === value);
  };
  const isRejected = ({ playlist_id, position, reason, raw_json }: Record<string, unknown>) =>
    playlist_id === 'P' &&
    reason !== '' &&
    isDeepStrictEqual(JSON.parse(String(raw_json)), withoutPerson(entries[Number(position)]));

  const seen = Array.from({ length: count }, () => 0);
  for (const { position } of [...items, ...rejected]) seen[Number(position)] = (seen[Number(position)] ?? 0) + 1;
  const wrong = [
    ...items.filter((row) => !isItem(row)),
    ...rejected.filter((row) => !isRejected(row)),
    ...seen.flatMap((times, position) => (times === 1 ? [] : [{ position, times }])),
  ];
  return { wrong: wrong.slice(0, 3), rejected: rejected.length };
}
