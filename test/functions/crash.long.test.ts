import { createHash } from 'node:crypto';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Lake, readJson } from '../../functions/adapters/lake.ts';
import { partKey, publicationKey, TABLES_PREFIX } from '../../functions/domain/lake-paths.ts';
import { PublicationSchema } from '../../functions/domain/manifest.ts';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { createPublish, RUN_IS_OVER_AFTER_MS } from '../../functions/publish.ts';
import { createTransform } from '../../functions/transform.ts';
import { fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { memoryLake } from '../support/memory-lake.ts';
import { extractPayload, newLake, PLACE, stages } from '../support/stages.ts';

const DATE = PLACE.snapshotDate;
const at = (runId: string) => ({ snapshotDate: DATE, runId });

/** A lake that dies at its `last`th change: what many keys it had to remove, it removes half of. */
function mortal(lake: Lake, last: number): Lake & { changes: number } {
  const dying = {
    ...lake,
    changes: 0,
    async put(key: string, body: Uint8Array, contentType: string) {
      dying.changes += 1;
      if (dying.changes >= last) throw new Error('killed');
      await lake.put(key, body, contentType);
    },
    async remove(keys: readonly string[]) {
      dying.changes += 1;
      if (dying.changes > last) throw new Error('killed');
      if (dying.changes < last) return lake.remove(keys);
      await lake.remove(keys.slice(0, Math.ceil(keys.length / 2)));
      throw new Error('killed');
    },
  };
  return dying;
}

/** The lake with run one published and run two extracted: the playlist has another entry by then. */
async function twoRuns(lake: Lake) {
  for (const [index, runId] of ['one', 'two', 'three'].entries()) {
    const spotify = fakeSpotify({
      p: { snapshotId: `v${Math.min(index, 1)}`, entries: tracks(2 + Math.min(index, 1)) },
    });
    await stages(lake, spotify, ['p']).extract(extractPayload({}, at(runId)));
  }
  await run(lake)('one');
}

const run = (lake: Lake, now = () => new Date()) => {
  const deps = { lake, now, log: () => {} };
  return async (runId: string) => {
    await createTransform(deps)(at(runId));
    await createPublish(deps)({ ...at(runId), status: 'complete' });
  };
};

/** What readers see: the tables of the run that the pointer names. */
async function visible(lake: Lake) {
  const runId = (await readJson(lake, publicationKey(DATE), PublicationSchema))?.run_id ?? '';
  const hashes = TABLE_NAMES.map(async (table) => {
    const bytes = await lake.get(partKey({ ...at(runId), table, part: 0 }));
    return bytes ? createHash('sha256').update(bytes).digest('hex') : `${table} is missing`;
  });
  return { runId, tables: await Promise.all(hashes) };
}

describe('killed between any two writes of Transform and Publish', () => {
  test('readers see the old snapshot or the new one, and the next run ends as if nothing had been', async () => {
    const start = memoryLake();
    await twoRuns(start);
    const old = await visible(start);
    const reference = start.copy();
    await run(reference)('two');
    const fresh = await visible(reference);
    expect(fresh.tables).not.toEqual(old.tables);

    const seen: string[] = [];
    for (let last = 1; ; last += 1) {
      const lake = start.copy();
      const dying = mortal(lake, last);
      const died = await run(dying)('two').then(
        () => false,
        () => true,
      );
      const now = await visible(lake);
      expect(now.runId === 'one' ? now : { ...now, runId: 'two' }).toEqual(now.runId === 'one' ? old : fresh);
      seen.push(now.runId);
      await run(lake)(last % 2 === 0 ? 'two' : 'three');
      expect((await visible(lake)).tables).toEqual(fresh.tables);
      if (!died) break;
    }
    // Six tables and the pointer, then a removal a table, of former ones too; the last time nothing kills it.
    expect(seen).toEqual([...Array(7).fill('one'), ...Array(9).fill('two')]);
  });

  test('a run that fails leaves the published one in place', async () => {
    const lake = memoryLake();
    await twoRuns(lake);
    const before = await visible(lake);
    await expect(run(mortal(lake, 4))('two')).rejects.toThrow('killed');
    expect(await visible(lake)).toEqual(before);
  });
});

describe('what runs leave behind', () => {
  const filesOf = async (lake: Lake, runId: string) => {
    return (await lake.list(TABLES_PREFIX)).filter(({ key }) => key.includes(`run_id=${runId}/`)).length;
  };
  /** Makes the files of a run look as old as this. */
  async function age(lakeDir: string, lake: Lake, runId: string, ms: number) {
    const then = new Date(Date.now() - ms);
    for (const { key } of await lake.list(TABLES_PREFIX)) {
      if (key.includes(`run_id=${runId}/`)) await utimes(join(lakeDir, key), then, then);
    }
  }
  const OVER = RUN_IS_OVER_AFTER_MS + 60_000;

  test('goes when the run can no longer be alive, and not before', async () => {
    const { lake, lakeDir } = newLake();
    await twoRuns(lake);
    await expect(run(mortal(lake, 4))('two')).rejects.toThrow('killed');
    await run(lake)('three');
    expect(await filesOf(lake, 'two')).toBe(3);
    await age(lakeDir, lake, 'two', OVER);
    await run(lake)('three');
    expect([await filesOf(lake, 'two'), await filesOf(lake, 'three')]).toEqual([0, 6]);
  });

  test('of a run that was replaced when a crash came goes as well, what is published never does', async () => {
    const { lake, lakeDir } = newLake();
    await twoRuns(lake);
    // Seven writes, and it dies as it begins to remove the files of run one.
    await expect(run(mortal(lake, 8))('two')).rejects.toThrow('killed');
    await age(lakeDir, lake, 'one', OVER);
    await age(lakeDir, lake, 'two', OVER);
    const later = { snapshotDate: '2026-11-30', runId: 'later' };
    const spotify = fakeSpotify({ p: { snapshotId: 'v', entries: tracks(1) } });
    const { extract, transform } = stages(lake, spotify, ['p']);
    await extract(extractPayload({}, later));
    await transform(later);
    const publish = createPublish({ lake, now: () => new Date(), log: () => {} });
    await publish({ ...later, status: 'complete' });
    expect([await filesOf(lake, 'one'), await filesOf(lake, 'two'), await filesOf(lake, 'later')]).toEqual([0, 6, 6]);
  });

  test('of a date that was never published goes too', async () => {
    const { lake, lakeDir } = newLake();
    await twoRuns(lake);
    const lost = partKey({ table: 'tracks', snapshotDate: '2026-11-02', runId: 'lost', part: 0 });
    await lake.put(lost, new Uint8Array(1), 'application/octet-stream');
    await age(lakeDir, lake, 'lost', OVER);
    await run(lake)('two');
    expect(await lake.get(lost)).toBeUndefined();
  });
});
