import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Lake } from '../../functions/adapters/lake.ts';
import { progressKey, rawKey } from '../../functions/domain/lake-paths.ts';
import { createLakeWriter } from '../../functions/lake-writer.ts';
import type { OpenReading } from '../../functions/stored-page.ts';
import { fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { memoryLake } from '../support/memory-lake.ts';
import { extractPayload, PLACE, stages } from '../support/stages.ts';

const body = () => new TextEncoder().encode('{"items": []}');
const response = (offset: number) => ({ playlistId: 'p', read: 1, offset, entries: 50 });
const keyOf = (offset: number) => rawKey({ ...PLACE, playlistId: 'p', read: 1, offset });
const READING: Omit<OpenReading, 'pages'> = {
  playlist_id: 'p',
  status: 'reading',
  read: 1,
  regime: 'C',
  endpoint: 'items',
  snapshot_id: 'v',
  total: 150,
  calls: 1,
  more: true,
};

/** A lake whose writes take a while, the first ones longest, and that notes when each is done. */
function slowLake(fails?: string) {
  const done: string[] = [];
  const lake = memoryLake();
  const put: Lake['put'] = async (key, ...more) => {
    await sleep(done.length === 0 ? 20 : 1);
    if (key === fails) throw new Error('the disk is full');
    await lake.put(key, ...more);
    done.push(key);
  };
  return { lake: { ...lake, put }, done };
}

test('a page is in the lake before the progress that names it, and nothing overtakes', async () => {
  const { lake, done } = slowLake();
  const writer = createLakeWriter(lake, PLACE);
  const first = writer.store(body(), response(0));
  writer.save({ ...READING, pages: [first] });
  const second = writer.store(body(), response(50));
  writer.save({ ...READING, pages: [first, second] });
  await writer.settled();
  const progress = progressKey(PLACE, 'p');
  expect(done).toEqual([keyOf(0), progress, keyOf(50), progress]);
  const saved = JSON.parse(Buffer.from((await lake.get(progress)) ?? []).toString());
  expect(saved.objects).toEqual([await first.object, await second.object]);
});

test('after a write that fails nothing more is written, and whoever waits hears of it', async () => {
  const { lake, done } = slowLake(keyOf(0));
  const writer = createLakeWriter(lake, PLACE);
  const page = writer.store(body(), response(0));
  writer.save({ ...READING, pages: [page] });
  await expect(writer.settled()).rejects.toThrow('the disk is full');
  writer.saveJson('other', {});
  await expect(writer.settled()).rejects.toThrow('the disk is full');
  expect(done).toEqual([]);
});

test('one call at a time, and the pages are stored behind the calls', async () => {
  const spotify = fakeSpotify({
    p: { snapshotId: 'v1', entries: tracks(250) },
    q: { snapshotId: 'v1', entries: tracks(20) },
    r: { snapshotId: 'v1', entries: tracks(20) },
  });
  const events: string[] = [];
  const calls = { now: 0, most: 0 };
  const slow = {
    ...spotify,
    get: async (...args: Parameters<typeof spotify.get>) => {
      calls.now += 1;
      calls.most = Math.max(calls.most, calls.now);
      events.push('call');
      await sleep(30);
      calls.now -= 1;
      return spotify.get(...args);
    },
  };
  const lake = memoryLake();
  const put: Lake['put'] = async (key, ...more) => {
    await sleep(5);
    events.push(key.endsWith('.gz') ? 'page' : 'note');
    return lake.put(key, ...more);
  };
  const { extract } = stages({ ...lake, put }, slow, ['p', 'q', 'r']);
  expect(await extract(extractPayload())).toMatchObject({ status: 'complete', entries: 290 });
  expect(calls.most).toBe(1);
  // Every page but the last follows a call that was begun after its own.
  const whenStored = events.flatMap((event, index) =>
    event === 'page' ? [events.slice(0, index).filter((one) => one === 'call').length] : [],
  );
  expect(whenStored).toEqual([2, 3, 4, 5, 7, 7]);
});
