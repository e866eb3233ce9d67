import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { flattenEntry } from '../../../functions/domain/flatten.ts';
import { TABLES } from '../../../functions/domain/tables.ts';
import { rowsOf } from '../../support/entry-rows.ts';

const GOLDEN = new URL('golden/', import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, GOLDEN), 'utf8'));

describe('entries and the rows they give: a new case is a new folder', () => {
  test.each(readdirSync(GOLDEN))('%s', (name) => {
    const entries = read(`${name}/entries.json`) as unknown[];
    const rows = rowsOf(entries);
    expect(JSON.parse(JSON.stringify(rows))).toEqual(read(`${name}/rows.json`));
    expect((rows.playlist_items ?? []).length + (rows.rejected_items ?? []).length).toBe(entries.length);
  });

  test('the three wrapper shapes give the same row', () => {
    const rows = rowsOf(read('wrapper-with-item-with-track-with-both/entries.json') as unknown[]);
    const [first, ...others] = (rows.playlist_items ?? []).map((row) => ({ ...(row as object), position: 0 }));
    expect(others).toEqual([first, first]);
  });
});

describe('the conservation law', () => {
  const place = { playlistId: 'P', position: 3, keepPersonalData: false };

  test('whatever stands in a playlist gives exactly one row', () => {
    const known = readdirSync(GOLDEN).flatMap((name) => read(`${name}/entries.json`) as unknown[]);
    const mutated = fc
      .tuple(fc.constantFrom(...known), fc.string(), fc.jsonValue())
      .map(([entry, key, value]) => mutate(entry, key, value));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), mutated), (entry) => {
        const flat = flattenEntry(entry, place);
        const row = 'rejected' in flat ? flat.rejected : flat.item;
        const table = 'rejected' in flat ? TABLES.rejected_items : TABLES.playlist_items;
        expect(Object.keys(row).sort()).toEqual(table.columns.map(({ name }) => name).sort());
        expect(row.position).toBe(3);
      }),
      { numRuns: 3000 },
    );
  });
});

test('who added an entry is kept only when the configuration says so, in rejected entries too', () => {
  const added_by = { id: 'listener-7' };
  const entries = [
    { added_by, item: null },
    { added_by, item: 'not an entry' },
  ];
  expect(JSON.stringify(rowsOf(entries))).not.toContain('listener-7');
  const kept = rowsOf(entries, true);
  expect(kept.playlist_items).toEqual([expect.objectContaining({ added_by_id: 'listener-7' })]);
  expect(JSON.stringify(kept.rejected_items)).toContain('listener-7');
});

/** Puts a value somewhere into a copy of the entry: a field of the wrapper or of what it wraps, known or unknown. */
function mutate(entry: unknown, key: string, value: unknown): unknown {
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return value;
  const inner = 'item' in entry ? entry.item : undefined;
  const keys = inner !== null && typeof inner === 'object' ? Object.keys(inner) : Object.keys(entry);
  const chosen = keys[key.length % Math.max(1, keys.length)] ?? key;
  return inner !== null && typeof inner === 'object'
    ? { ...entry, item: { ...inner, [chosen]: value } }
    : { ...entry, [chosen]: value };
}
