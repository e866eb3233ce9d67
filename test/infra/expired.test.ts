import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { DERIVED_VIEWS } from '../../infra/derived-views.ts';
import { type AthenaEngine, openEngine } from '../../infra/local/athena/engine.ts';
import { READERS_DATABASE } from '../../infra/reader-views.ts';
import { crawl, publish, temporaryFolder, writeTables } from '../support/parquet-lake.ts';

/**
 * What readers see when a lifecycle rule has been at a date. The pointer expires first; that its tables were first
 * should not happen, and must not break a query either. Partitions stay registered, as they do in Glue.
 */
const DATES = ['2024-11-04', '2024-11-11', '2024-11-18'] as const;
const lakeDir = temporaryFolder();
let athena: AthenaEngine;

beforeAll(async () => {
  for (const snapshotDate of DATES) {
    const place = { snapshotDate, runId: 'run' };
    await writeTables(lakeDir, place, {
      playlists: [{ playlist_id: 'p', name: 'Mix', status: 'complete', total: 1 }],
      playlist_items: [{ playlist_id: 'p', position: 0, kind: 'track', track_id: 't', uri: 'spotify:track:t' }],
      tracks: [{ track_id: 't' }],
    });
    await publish(lakeDir, place);
  }
  await crawl(lakeDir);
  await rm(join(lakeDir, `published/snapshot_date=${DATES[0]}.json`));
  for (const table of TABLE_NAMES) {
    await rm(join(lakeDir, `transformed/${table}/snapshot_date=${DATES[1]}`), { recursive: true });
  }
  athena = await openEngine(lakeDir);
});
afterAll(() => athena.close());

const ask = async (sql: string) => (await athena.query({ sql, database: READERS_DATABASE })).rows;

describe.each([...TABLE_NAMES, ...DERIVED_VIEWS.map(({ name }) => name)])('%s', (view) => {
  test('answers, and shows nothing of an expired date', async () => {
    const dated = view === 'track_tenure' ? 'first_seen' : 'snapshot_date';
    const rows = await ask(`SELECT DISTINCT ${dated} FROM ${view}`);
    for (const [date] of rows) expect(date).toBe(DATES[2]);
  });
});

test('the snapshot that is left is there as a whole', async () => {
  expect(await ask('SELECT entries, tracks FROM playlist_summary')).toEqual([[1n, 1n]]);
  expect(await ask('SELECT weeks_present FROM track_tenure')).toEqual([[1n]]);
});
