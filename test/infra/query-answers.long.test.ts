import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AthenaEngine, openEngine } from '../../infra/local/athena/engine.ts';
import { makeDemoLake } from '../../infra/local/demo-lake.ts';
import { exampleQueries, withAnswers } from '../../infra/query-answers.ts';
import { READERS_DATABASE } from '../../infra/reader-views.ts';
import { dialectProblems } from '../statemachine/sql-dialect.ts';
import { temporaryFolder } from '../support/parquet-lake.ts';

const page = readFileSync(new URL('../../docs/queries.md', import.meta.url), 'utf8');
const queries = exampleQueries(page);
const lakeDir = temporaryFolder();
let athena: AthenaEngine;

beforeAll(async () => {
  await makeDemoLake(lakeDir);
  athena = await openEngine(lakeDir);
}, 60_000);
afterAll(() => athena.close());

test('there are ten, and docs/queries.md shows the answers that the demo gives', async () => {
  expect(queries).toHaveLength(10);
  expect(await withAnswers(page, athena)).toBe(page);
});

test.each(queries)('%s has an answer', async (sql) => {
  expect((await athena.query({ sql, database: READERS_DATABASE })).rows.length).toBeGreaterThan(0);
  expect(dialectProblems(sql)).toEqual([]);
});
