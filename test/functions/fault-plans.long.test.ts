import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createSpotify } from '../../functions/adapters/spotify.ts';
import { manifestKey, partKey } from '../../functions/domain/lake-paths.ts';
import { TABLE_NAMES, type TableName } from '../../functions/domain/tables.ts';
import type { ExtractResult } from '../../functions/extract-result.ts';
import { type FakePlaylist, tracks } from '../support/fake-spotify.ts';
import { type Fault, type Regime, startFaultySpotify } from '../support/faulty-spotify.ts';
import { memoryLake } from '../support/memory-lake.ts';
import { readParquet } from '../support/read-parquet.ts';
import { extractPayload, PLACE, stages } from '../support/stages.ts';

/** Each file of the folder is a plan: what goes wrong, and how the run has to end. */
interface Plan {
  readonly about: string;
  readonly ends: string;
  readonly faults: readonly Fault[];
}
const FOLDER = new URL('./fault-plans/', import.meta.url);
const PLANS = readdirSync(FOLDER).map((file): [string, Plan] => [
  file.replace('.json', ''),
  JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')),
]);
const REGIMES = ['A', 'B', 'C'] as const;

const local = { type: 'track', is_local: true, id: null, uri: 'spotify:local:A:B:C:9', name: 'C', duration_ms: 9000 };
const episode = { type: 'episode', id: 'e1', uri: 'spotify:episode:e1', name: 'Episode', show: { name: 'Show' } };
const popular = (tracks(1, 'p')[0] ?? {}) as object;
const PLAYLISTS: Record<string, FakePlaylist> = {
  long: { snapshotId: 'l1', entries: [...tracks(180, 'l'), null, local, episode, 'no entry', ...tracks(30, 'l')] },
  short: { snapshotId: 's1', entries: [popular, ...tracks(9, 'l')] },
  empty: { snapshotId: 'e1', entries: [] },
};
const TOTAL = 214 + 10;

/** A run from Extract to Transform, as the machine walks it: waits are skipped over by the clock. */
async function run(regime: Regime, faults: readonly Fault[]) {
  const server = await startFaultySpotify(PLAYLISTS, { regime, faults });
  const clock = { now: Date.parse('2026-11-23T06:00:00Z') };
  const lake = memoryLake();
  const spotify = createSpotify({
    settings: { apiUrl: server.url, accountsUrl: server.url },
    credentials: { clientId: 'id', refreshToken: 'refresh-token' },
    now: () => clock.now,
    sleep: async (ms) => {
      expect(ms).toBeLessThanOrEqual(60_500);
      clock.now += ms;
    },
    random: () => 0.5,
    log: () => {},
    saveRefreshToken: async () => {},
    timeoutMs: faults.some(({ stall }) => stall !== undefined) ? 300 : 20_000,
  });
  const { extract, transform } = stages(lake, spotify, Object.keys(PLAYLISTS), {
    apiUrl: server.url,
    now: () => new Date(clock.now),
  });
  try {
    let result: ExtractResult | undefined;
    for (let round = 0; result === undefined || result.status === 'wait'; round += 1) {
      if (result?.retryAt) clock.now = Date.parse(result.retryAt);
      expect(round).toBeLessThan(10);
      result = await extract(extractPayload());
    }
    const { rows } = await transform(PLACE);
    return { lake, rows, tables: await tables(lake) };
  } catch (error) {
    return { lake, error: error as Error };
  } finally {
    await server.close();
  }
}

const bytesOf = async (lake: ReturnType<typeof memoryLake>, table: TableName) =>
  (await lake.get(partKey({ ...PLACE, table, part: 0 }))) ?? new Uint8Array();

async function tables(lake: ReturnType<typeof memoryLake>) {
  const hash = async (table: TableName) =>
    createHash('sha256')
      .update(await bytesOf(lake, table))
      .digest('hex');
  return Object.fromEntries(await Promise.all(TABLE_NAMES.map(async (table) => [table, await hash(table)] as const)));
}

const undisturbed = Object.fromEntries(REGIMES.map((regime) => [regime, run(regime, [])])) as Record<
  Regime,
  ReturnType<typeof run>
>;

test('there are at least ten plans that end well', () => {
  expect(PLANS.filter(([, { ends }]) => ends.startsWith('published')).length).toBeGreaterThanOrEqual(10);
});

test('all three regimes give the same tables', async () => {
  const [a, b, c] = await Promise.all(REGIMES.map((regime) => undisturbed[regime]));
  expect(a?.rows).toMatchObject({ playlists: 3, playlist_items: TOTAL - 1, rejected_items: 1 });
  // The rejected entry is quoted as it came, in the wrapper of its regime.
  const { rejected_items: _, ...others } = a?.tables ?? {};
  for (const regime of [b, c]) expect(regime?.tables).toMatchObject(others);
});

describe.each(REGIMES)('regime %s', (regime) => {
  test.each(PLANS)('%s', async (_name, { ends, faults }) => {
    const { error, rows, lake, ...made } = await run(regime, faults);
    if (!ends.startsWith('published')) {
      expect(error).toMatchObject({ name: ends });
      // Without a manifest nothing is transformed, so nothing can be published.
      expect(await lake.get(manifestKey(PLACE))).toBeUndefined();
      return;
    }
    expect(error).toBeUndefined();
    const total = (await readParquet(await bytesOf(lake, 'playlists'))).reduce(
      (sum, { total }) => sum + Number(total),
      0,
    );
    expect((rows?.playlist_items ?? 0) + (rows?.rejected_items ?? 0)).toBe(total);
    if (ends === 'published') expect(made.tables).toEqual((await undisturbed[regime]).tables);
    else expect(total).toBeGreaterThan(TOTAL);
  });
});
