import { expect, test } from '@jest/globals';
import { partKey } from '../../functions/domain/lake-paths.ts';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { ADDED_BY, fakeSpotify, OWNER, tracks } from '../support/fake-spotify.ts';
import { memoryLake } from '../support/memory-lake.ts';
import { readParquet } from '../support/read-parquet.ts';
import { extractPayload, PLACE, stages } from '../support/stages.ts';

/** Everything that the tables of a run say. The entry that is none is quoted where it is rejected. */
async function tablesOf(keepPersonalData: boolean): Promise<string> {
  const lake = memoryLake();
  const spotify = fakeSpotify({ p: { snapshotId: 'v1', entries: [...tracks(3), 'no entry'] } });
  const { extract, transform } = stages(lake, spotify, ['p'], { keepPersonalData });
  await extract(extractPayload());
  await transform(PLACE);
  const rows = await Promise.all(
    TABLE_NAMES.map(async (table) =>
      readParquet((await lake.get(partKey({ ...PLACE, table, part: 0 }))) ?? new Uint8Array()),
    ),
  );
  return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
}

test('who owns a playlist and who added an entry stand in no table', async () => {
  const rows = await tablesOf(false);
  expect(rows).toContain('Track t2');
  for (const person of [OWNER.id, OWNER.display_name, ADDED_BY]) expect(rows).not.toContain(person);
});

test('unless the configuration keeps them', async () => {
  const rows = await tablesOf(true);
  for (const person of [OWNER.id, ADDED_BY]) expect(rows).toContain(person);
});
