import { expect, test } from '@jest/globals';
import { callBudget } from '../../../functions/domain/call-budget.ts';
import { rawKey } from '../../../functions/domain/lake-paths.ts';
import { type PlaylistRecord, unreadableRecord } from '../../../functions/domain/manifest.ts';
import { SAVED_TRACKS_ID } from '../../../functions/domain/saved-tracks.ts';

function complete(playlist_id: string, total: number, runId = 'this'): PlaylistRecord {
  const key = rawKey({ snapshotDate: '2026-11-23', runId, playlistId: playlist_id, read: 1, offset: 0 });
  const objects = [{ key, offset: 0, entries: total, bytes: 1, sha256: 'a'.repeat(64) }];
  return { playlist_id, status: 'complete', reason: null, regime: 'C', snapshot_id: 'v', total, objects };
}

// 1 + ceil(max(0, n - 100) / 50) + 1
test.each([
  [0, 2],
  [100, 2],
  [101, 3],
  [150, 3],
  [151, 4],
  [10_000, 200],
])('a changed playlist of %i entries: %i calls at the most', (total, calls) => {
  expect(callBudget(complete('p', total), 'this')).toBe(calls);
});

test.each([
  ['an unchanged playlist', complete('p', 250, 'of last week'), 0],
  ['130 saved tracks, which carry no first hundred', complete(SAVED_TRACKS_ID, 130), 4],
  ['one that cannot be read', unreadableRecord('p', 'gone', '404'), 1],
])('%s', (_name, record, calls) => {
  expect(callBudget(record, 'this')).toBe(calls);
});
