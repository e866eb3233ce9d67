import { expect, test } from '@jest/globals';
import { type Lake, readJson } from '../../functions/adapters/lake.ts';
import { partKey, publicationKey } from '../../functions/domain/lake-paths.ts';
import { PublicationSchema } from '../../functions/domain/manifest.ts';
import { createPublish } from '../../functions/publish.ts';
import { fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { extractPayload, NOW, newLake, PLACE, stages } from '../support/stages.ts';

const DATE = PLACE.snapshotDate;
const published = async (lake: Lake) => (await readJson(lake, publicationKey(DATE), PublicationSchema))?.run_id;
const parquetOf = async (lake: Lake, runId: string) =>
  (await lake.list('transformed/')).filter(({ key }) => key.includes(`run_id=${runId}/`)).length;

async function written(runIds: readonly string[]) {
  const { lake } = newLake();
  const handlers = stages(lake, fakeSpotify({ p: { snapshotId: 'v', entries: tracks(2) } }), ['p']);
  for (const runId of runIds) {
    await handlers.extract(extractPayload({}, { ...PLACE, runId }));
    await handlers.transform({ ...PLACE, runId });
  }
  return { lake, publish: (runId: string) => handlers.publish({ snapshotDate: DATE, runId, status: 'complete' }) };
}

test('a re-run of a date takes the place of the run before, whose files go', async () => {
  const { lake, publish } = await written(['one', 'two']);
  await publish('one');
  expect([await published(lake), await parquetOf(lake, 'one')]).toEqual(['one', 6]);
  await publish('two');
  expect([await published(lake), await parquetOf(lake, 'one'), await parquetOf(lake, 'two')]).toEqual(['two', 0, 6]);
});

test('files of a former table go with their run', async () => {
  const { lake, publish } = await written(['one', 'two']);
  const former = (runId: string) =>
    `transformed/track_artists/snapshot_date=${DATE}/run_id=${runId}/part-00000.parquet`;
  for (const runId of ['one', 'two']) await lake.put(former(runId), new Uint8Array(1), 'application/octet-stream');
  await publish('one');
  await publish('two');
  expect([await lake.get(former('one')), await lake.get(former('two'))]).toEqual([undefined, new Uint8Array(1)]);
});

test('publishing the same run again changes nothing', async () => {
  const { lake, publish } = await written(['one']);
  await publish('one');
  await publish('one');
  expect([await published(lake), await parquetOf(lake, 'one')]).toEqual(['one', 6]);
});

test('nothing is deleted before its replacement is readable', async () => {
  const { lake, publish } = await written(['one', 'two']);
  await publish('one');
  const failing: Lake = { ...lake, put: () => Promise.reject(new Error('no space')) };
  const publishTwo = createPublish({ lake: failing, now: () => NOW, log: () => {} });
  await expect(publishTwo({ snapshotDate: DATE, runId: 'two', status: 'complete' })).rejects.toThrow('no space');
  expect([await published(lake), await parquetOf(lake, 'one')]).toEqual(['one', 6]);
});

test('an earlier date is left alone', async () => {
  const { lake, publish } = await written(['one', 'two']);
  await publish('one');
  const other = partKey({ table: 'tracks', snapshotDate: '2026-11-16', runId: 'one', part: 0 });
  await lake.put(other, new Uint8Array(1), 'application/octet-stream');
  await publish('two');
  expect(await lake.get(other)).toBeDefined();
});
