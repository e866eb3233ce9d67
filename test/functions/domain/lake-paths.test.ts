import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  manifestKey,
  parseManifestKey,
  parsePartKey,
  parseRawKey,
  partKey,
  RUN_ID_PATTERN,
  rawKey,
} from '../../../functions/domain/lake-paths.ts';
import { TABLE_NAMES } from '../../../functions/domain/tables.ts';

const place = {
  snapshotDate: fc
    .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    .map((d) => d.toISOString().slice(0, 10)),
  runId: fc.stringMatching(RUN_ID_PATTERN),
};
const number = fc.nat({ max: 20_000 });

test('every key that is built is parsed back', () => {
  fc.assert(
    fc.property(
      fc.record({ ...place, playlistId: fc.stringMatching(/^[A-Za-z0-9]{22}$/), read: number, offset: number }),
      fc.record({ ...place, table: fc.constantFrom(...TABLE_NAMES), part: number }),
      (raw, part) => {
        expect(parseRawKey(rawKey(raw))).toEqual(raw);
        expect(parsePartKey(partKey(part))).toEqual(part);
        const run = { snapshotDate: raw.snapshotDate, runId: raw.runId };
        expect(parseManifestKey(manifestKey(run))).toEqual(run);
      },
    ),
  );
});

test('raw keys of a playlist sort in reading order', () => {
  const at = (offset: number) => rawKey({ snapshotDate: '2026-11-23', runId: 'r', playlistId: 'p', read: 1, offset });
  expect([at(10_000), at(100), at(0), at(150)].sort()).toEqual([at(0), at(100), at(150), at(10_000)]);
});

test.each([
  '',
  'raw/',
  'transformed/nonsense/snapshot_date=2026-11-23/run_id=r/part-00000.parquet',
  'raw/snapshot_date=2026-11-23/run_id=../manifest.json',
])('%j is no key of ours', (key) => {
  expect([parseRawKey(key), parsePartKey(key), parseManifestKey(key)]).toEqual([undefined, undefined, undefined]);
});
