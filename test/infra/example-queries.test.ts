import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EXAMPLE_QUERIES } from '../../infra/example-queries.ts';
import { type LocalAthena, openAthena } from '../../infra/local/athena/athena.ts';
import { READERS_DATABASE } from '../../infra/reader-views.ts';
import { fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { crawl } from '../support/parquet-lake.ts';
import { extractPayload, newLake, stages } from '../support/stages.ts';

/** Two weeks of one playlist: three tracks, then two. */
const { lake, lakeDir } = newLake();
let athena: LocalAthena;

beforeAll(async () => {
  for (const [snapshotDate, count] of [
    ['2026-11-16', 3],
    ['2026-11-23', 2],
  ] as const) {
    const place = { snapshotDate, runId: `run-${count}` };
    const spotify = fakeSpotify({ p1: { snapshotId: 's', entries: tracks(count) } });
    const { extract, transform, publish } = stages(lake, spotify, ['p1']);
    await extract(extractPayload({}, place));
    await transform(place);
    await crawl(lakeDir);
    await publish({ ...place, status: 'complete' });
  }
  athena = await openAthena({ lakeDir, newId: randomUUID });
});
afterAll(() => athena.close());

test.each<[keyof typeof EXAMPLE_QUERIES, string[]]>([
  ['Snapshots', ['2026-11-23', '2026-11-16']],
  ['Left', ['Playlist p1']],
  ['TopArtists', ['Artist']],
  ['Unreadable', []],
  ['Rejected', []],
])('the saved query %s answers', async (name, firstColumn) => {
  const { rows } = await athena.query({ sql: EXAMPLE_QUERIES[name]?.sql ?? '', database: READERS_DATABASE });
  expect(rows.map(([first]) => first)).toEqual(firstColumn);
});
