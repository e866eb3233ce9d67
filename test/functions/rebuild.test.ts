import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Lake, writeJson } from '../../functions/adapters/lake.ts';
import { publicationKey, rebuildPlanKey, rebuildResultsPrefix } from '../../functions/domain/lake-paths.ts';
import { createRebuild } from '../../functions/rebuild.ts';
import { fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { extractPayload, newLake, stages } from '../support/stages.ts';

const runId = 'again';
const [A, B, C] = ['2026-11-16', '2026-11-23', '2026-11-30'] as const;
let lake: Lake;
let rebuild: ReturnType<typeof createRebuild>;

beforeEach(async () => {
  lake = newLake().lake;
  rebuild = createRebuild({ lake });
});

const jsonAt = async (key: string) => JSON.parse(Buffer.from((await lake.get(key)) ?? []).toString());

describe('the plan', () => {
  beforeEach(async () => {
    const { extract } = stages(lake, fakeSpotify({ p: { snapshotId: 'v', entries: tracks(1) } }), ['p']);
    for (const snapshotDate of [C, A, B]) await extract(extractPayload({}, { snapshotDate, runId: 'run' }));
  });

  test.each<[object, string[]]>([
    [{}, [A, B, C]],
    [{ to: B }, [A, B]],
    [{ from: B, to: B }, [B]],
    [{ dates: [C, A, C] }, [A, C]],
    [{ from: '2027-01-01' }, []],
  ])('%j', async (input, dates) => {
    const key = rebuildPlanKey(runId);
    expect(await rebuild({ step: 'plan', runId, input })).toEqual({ key, isEmpty: dates.length === 0 });
    expect(await jsonAt(key)).toEqual(dates.map((snapshotDate) => ({ snapshotDate })));
  });

  test.each<[object, string]>([
    [{ from: 'x' }, 'from'],
    [{ dates: [A], to: B }, 'dates'],
    [{ from: '2026-12-07', to: '2026-11-23' }, 'input.from 2026-12-07 is later'],
    [{ dates: [] }, 'dates'],
    [{ dates: ['2020-01-01'] }, '2020-01-01'],
    [{ playlists: [] }, 'playlists'],
  ])('%j is refused by name', async (input, named) => {
    const refused = { name: 'InvalidInputError', message: expect.stringContaining(named) };
    await expect(rebuild({ step: 'plan', runId, input })).rejects.toMatchObject(refused);
  });
});

/** What a map leaves of children that ended well, in Step Functions' own form. */
const mapLeaves = (map: 'transform' | 'publish', file: string, ...outputs: unknown[]) =>
  writeJson(
    lake,
    `${rebuildResultsPrefix(runId, map)}8d3/${file}.json`,
    outputs.map((output) => ({
      ExecutionArn: 'arn',
      Input: '{}',
      Output: JSON.stringify(output),
      Status: 'SUCCEEDED',
    })),
  );

const written = (snapshotDate: string, second: string) => ({
  snapshotDate,
  status: 'complete',
  validationParameters: ["'x'"],
  writtenAt: `2026-12-01T06:00:${second}Z`,
});
const failed = (snapshotDate: string, name: string, Cause: string) => ({
  snapshotDate,
  failure: { Error: name, Cause },
});

describe('the review', () => {
  test('what was written whole goes on, from every file and batch; when the newest was', async () => {
    await mapLeaves('transform', 'SUCCEEDED_0', [written(A, '10')], [failed(B, 'LakeStateError', 'gone')]);
    await mapLeaves('transform', 'SUCCEEDED_1', [written(C, '09')]);
    await mapLeaves('transform', 'FAILED_0', [written('2026-12-07', '59')]);
    const { key, ...rest } = (await rebuild({ step: 'review', runId })) as { key: string };
    expect(rest).toEqual({ isEmpty: false, writtenAt: '2026-12-01T06:00:10Z' });
    const item = { status: 'complete', validationParameters: ["'x'"] };
    expect(await jsonAt(key)).toEqual([A, C].map((snapshotDate) => ({ snapshotDate, ...item })));
  });

  test('nothing written is nothing to crawl', async () => {
    await mapLeaves('transform', 'SUCCEEDED_0', [failed(A, 'x', 'y')]);
    expect(await rebuild({ step: 'review', runId })).toMatchObject({ isEmpty: true, writtenAt: null });
  });
});

describe('the conclusion', () => {
  const publish = (snapshot_date: string, run_id: string) =>
    writeJson(lake, publicationKey(snapshot_date), {
      snapshot_date,
      run_id,
      published_at: '2026-12-01T06:00:00.000Z',
      status: 'complete',
    });

  test('is what readers see, not what was reported', async () => {
    await writeJson(lake, rebuildPlanKey(runId), [{ snapshotDate: A }]);
    await mapLeaves('publish', 'SUCCEEDED_0', [{ snapshotDate: A, publishedAt: '2026-12-01T06:00:00.000Z' }]);
    await publish(A, 'on-the-day');
    expect(await rebuild({ step: 'conclude', runId })).toMatchObject({ isComplete: false });
    await publish(A, runId);
    expect(await rebuild({ step: 'conclude', runId })).toEqual({ isComplete: true, cause: '' });
  });

  test('names each date with the reason: in words, without the stack trace', async () => {
    const dates = [A, B, C].map((snapshotDate) => ({ snapshotDate }));
    await writeJson(lake, rebuildPlanKey(runId), dates);
    const cause = JSON.stringify({ errorType: 'LakeStateError', errorMessage: 'a page\nis gone', trace: ['at x'] });
    await mapLeaves('transform', 'SUCCEEDED_0', [failed(A, 'LakeStateError', cause), written(B, '01')]);
    await mapLeaves('publish', 'SUCCEEDED_0', [failed(B, 'ValidationFailed', 'conservation')]);
    expect(await rebuild({ step: 'conclude', runId })).toEqual({
      isComplete: false,
      cause:
        `3 of 3 dates keep the snapshot they had: ${A} (LakeStateError: a page is gone); ` +
        `${B} (ValidationFailed: conservation); ${C} (its batch ended early: see the map run)`,
    });
  });

  test('a long list is cut short', async () => {
    const dates = Array.from({ length: 12 }, (_, day) => ({
      snapshotDate: `2026-12-${String(day + 1).padStart(2, '0')}`,
    }));
    await writeJson(lake, rebuildPlanKey(runId), dates);
    const { cause } = (await rebuild({ step: 'conclude', runId })) as { cause: string };
    expect(cause).toMatch(/and 2 more$/);
  });
});
