import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { flattenEntry } from '../../../functions/domain/flatten.ts';
import { createSnapshotTables } from '../../../functions/domain/snapshot-tables.ts';
import { arbitraryEntry } from '../../support/arbitrary-entries.ts';
import { readParquet } from '../../support/read-parquet.ts';

// test/support/check-parquet.ts does it with 100,000.
const RUNS = 2000;
const place = { playlistId: 'P', keepPersonalData: false };

test(`each of ${RUNS} entries is one row, and what is rejected is kept as it came`, async () => {
  const tables = createSnapshotTables();
  const entries = fc.sample(arbitraryEntry, { numRuns: RUNS, seed: 20_261_123 });
  let rejected = 0;
  for (const [position, entry] of entries.entries()) {
    const flat = flattenEntry(entry, { ...place, position });
    tables.addEntry(flat);
    if (!('rejected' in flat)) {
      expect([flat.item.position, flat.item.playlist_id]).toEqual([position, 'P']);
      continue;
    }
    rejected += 1;
    expect(flat.rejected.reason).not.toBe('');
    const kept = JSON.parse(flat.rejected.raw_json);
    const sent = JSON.parse(JSON.stringify(entry).toWellFormed());
    if (typeof sent === 'object' && sent !== null) delete sent.added_by;
    expect(kept).toEqual(sent);
  }
  const rows = tables.rows();
  expect(rows.playlist_items + rows.rejected_items).toBe(RUNS);
  expect(rows.rejected_items).toBe(rejected);
  expect(Math.min(rejected, RUNS - rejected)).toBeGreaterThan(RUNS / 20);

  const files = [...tables.finish()];
  const read = async (table: string) => {
    const parts = files.filter((file) => file.table === table).map(({ bytes }) => readParquet(bytes));
    return (await Promise.all(parts)).flat().map(({ position }) => Number(position));
  };
  const positions = [...(await read('playlist_items')), ...(await read('rejected_items'))];
  expect(positions.sort((a, b) => a - b)).toEqual(entries.map((_, position) => position));
});
