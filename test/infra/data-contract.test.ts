import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { TABLE_NAMES, TABLES } from '../../functions/domain/tables.ts';
import { dataContract } from '../../infra/data-contract.ts';

test('docs/data-contract.md is the one of the tables', () => {
  expect(readFileSync(new URL('../../docs/data-contract.md', import.meta.url), 'utf8')).toBe(dataContract());
});

test.each(TABLE_NAMES)('%s: the key is made of its own required columns, no column stands twice', (name) => {
  const columns = TABLES[name].columns.map((column) => column.name);
  expect(new Set(columns).size).toBe(columns.length);
  const required = TABLES[name].columns.filter(({ nullable }) => !nullable).map((column) => column.name);
  expect(required).toEqual(expect.arrayContaining([...TABLES[name].key]));
});
