import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { TABLE_NAMES, TABLES } from '../../functions/domain/tables.ts';
import { contractFingerprint, dataContract } from '../../infra/data-contract.ts';

test('docs/data-contract.md is the one of the tables', () => {
  expect(readFileSync(new URL('../../docs/data-contract.md', import.meta.url), 'utf8')).toBe(dataContract());
});

test.each(TABLE_NAMES)('%s: the key is made of its own required columns, no column stands twice', (name) => {
  const columns = TABLES[name].columns.map((column) => column.name);
  expect(new Set(columns).size).toBe(columns.length);
  const required = TABLES[name].columns.filter(({ nullable }) => !nullable).map((column) => column.name);
  expect(required).toEqual(expect.arrayContaining([...TABLES[name].key]));
});

test('docs/data-contract-changelog.md names the contract as it is', () => {
  const changelog = readFileSync(new URL('../../docs/data-contract-changelog.md', import.meta.url), 'utf8');
  const [, newest] = /^## \d+ · fingerprint (\w+)$/m.exec(changelog) ?? [];
  expect(newest).toBe(contractFingerprint());
});

test('the fingerprint changes with a type, a name, a key or what may be null, and not with words', () => {
  const { tracks } = TABLES;
  const [id, ...others] = tracks.columns;
  const changed = (column: object, key: readonly string[] = tracks.key) =>
    contractFingerprint({ ...TABLES, tracks: { ...tracks, key, columns: [{ ...id, ...column }, ...others] } });
  expect(changed({ description: 'Other words.', source: 'elsewhere' })).toBe(contractFingerprint());
  const prints = [
    changed({ type: 'int' }),
    changed({ name: 'id' }),
    changed({ nullable: true }),
    changed({}, ['name']),
  ];
  expect(new Set([...prints, contractFingerprint()]).size).toBe(5);
});
