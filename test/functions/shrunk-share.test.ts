import { expect, test } from '@jest/globals';
import { manifestKey } from '../../functions/domain/lake-paths.ts';
import { shrunkShare } from '../../functions/shrunk-share.ts';
import { fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { memoryLake } from '../support/memory-lake.ts';
import { extractPayload, stages } from '../support/stages.ts';

const at = (snapshotDate: string) => ({ snapshotDate, runId: `run-${snapshotDate}` });
const [FIRST, SECOND] = [at('2026-11-16'), at('2026-11-23')];

/** Entries of each playlist in two weeks; undefined: it cannot be read. The first week is published. */
async function twoWeeks(...weeks: Record<string, number | undefined>[]) {
  const lake = memoryLake();
  for (const [index, playlists] of weeks.entries()) {
    const place = index === 0 ? FIRST : SECOND;
    const there = Object.entries(playlists).flatMap(([id, count]) =>
      count === undefined ? [] : [[id, { snapshotId: `v${index}`, entries: tracks(count) }] as const],
    );
    const handlers = stages(lake, fakeSpotify(Object.fromEntries(there)), Object.keys(playlists));
    const { status } = await handlers.extract(extractPayload({}, place));
    if (index === 0) await handlers.publish({ ...place, status });
  }
  return lake;
}

test.each<[string, Record<string, number | undefined>, Record<string, number | undefined>, number | undefined]>([
  ['the playlist that lost most counts', { a: 10, b: 10, c: 10 }, { a: 9, b: 4, c: 12 }, 60],
  ['one that was emptied lost all', { a: 10, b: 3 }, { a: 0, b: 3 }, 100],
  ['none lost any', { a: 10, b: 3 }, { a: 10, b: 5 }, 0],
  ['one that cannot be read any more is not shrunk', { a: 10, b: 3 }, { a: undefined, b: 3 }, 0],
  ['one that was empty can lose nothing', { a: 0, b: 4 }, { a: 5, b: 3 }, 25],
  ['nothing in common', { a: 10 }, { b: 3 }, undefined],
])('%s', async (_name, before, now, share) => {
  expect(await shrunkShare(await twoWeeks(before, now), SECOND)).toBe(share);
});

test('the first snapshot has nothing to be compared with, nor has one whose former manifest has expired', async () => {
  const lake = await twoWeeks({ a: 10 }, { a: 1 });
  expect(await shrunkShare(lake, FIRST)).toBeUndefined();
  await lake.remove([manifestKey(FIRST)]);
  expect(await shrunkShare(lake, SECOND)).toBeUndefined();
});
