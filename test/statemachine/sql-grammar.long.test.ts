import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from '@jest/globals';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { DERIVED_VIEWS, derivedViewSql } from '../../infra/derived-views.ts';
import { EXAMPLE_QUERIES } from '../../infra/example-queries.ts';
import { readerViewSql } from '../../infra/reader-views.ts';
import { dialectProblems } from './sql-dialect.ts';

const grammar = new Worker(join(import.meta.dirname, '../support/trino-grammar.ts'));
const folder = join(import.meta.dirname, '../../statemachine');

const TEXTS: { name: string; sql: string }[] = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => ({ name: `statemachine/${name}`, sql: readFileSync(join(folder, name), 'utf8') })),
  ...DERIVED_VIEWS.map((view) => ({ name: `the view ${view.name}`, sql: derivedViewSql(view) })),
  ...TABLE_NAMES.map((table) => ({ name: `the view ${table}`, sql: readerViewSql(table) })),
  ...Object.entries(EXAMPLE_QUERIES).map(([name, { sql }]) => ({ name: `the saved query ${name}`, sql })),
];

async function grammarErrors(sql: string): Promise<unknown> {
  grammar.postMessage(sql);
  const [errors] = await once(grammar, 'message');
  return errors;
}

afterAll(() => grammar.terminate());

describe('SQL that Athena and DuckDB both run', () => {
  test.each(TEXTS)(
    '$name is SQL to Athena',
    async ({ sql }) => {
      expect(await grammarErrors(sql)).toEqual([]);
    },
    30_000,
  );

  test.each(TEXTS)('$name means the same to both', ({ sql }) => {
    expect(dialectProblems(sql)).toEqual([]);
  });

  test('what only DuckDB understands is refused', async () => {
    expect(await grammarErrors('SELECT * EXCLUDE (run_id) FROM playlists')).not.toEqual([]);
  });
});
