import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import {
  bundledPackages,
  EXCEPTIONS,
  type LockedPackage,
  licenceProblems,
  licencesPage,
  lockedPackages,
} from '../../infra/licences.ts';

const root = new URL('../../', import.meta.url);
const locked = lockedPackages();
const shipped = bundledPackages(locked);

test('what reaches a function is under a permissive licence', () => {
  expect(shipped.map(({ name }) => name)).toEqual(expect.arrayContaining(['zod', 'ky', '@aws-sdk/client-s3']));
  expect(shipped.map(({ name }) => name)).not.toContain('aws-cdk-lib');
  expect(licenceProblems(shipped, true)).toEqual([]);
});

test('so is every tool, but for the exceptions, each of which is still there', () => {
  expect(locked.length).toBeGreaterThan(400);
  expect(licenceProblems(locked, false)).toEqual([]);
  for (const name of Object.keys(EXCEPTIONS)) expect(locked.map((one) => one.name)).toContain(name);
});

test('packages say of themselves what package-lock.json says of them', () => {
  const others = locked.flatMap(({ path, licence }) => {
    const file = new URL(`${path}/package.json`, root);
    if (!existsSync(file)) return [];
    const { license } = JSON.parse(readFileSync(file, 'utf8')) as { license?: string };
    return license === licence ? [] : [`${path}: ${license}, locked ${licence}`];
  });
  expect(others).toEqual([]);
});

test('docs/licences.md lists them (npm run generate writes it anew)', () => {
  expect(readFileSync(new URL('docs/licences.md', root), 'utf8')).toBe(licencesPage(locked, shipped));
});

test.each<[string, string, boolean, boolean]>([
  ['a licence that asks for more', 'GPL-3.0-or-later', false, false],
  ['none', '', false, false],
  ['a choice with a permissive one', '(MIT OR GPL-3.0-or-later)', true, true],
  ['two that hold together', 'MIT AND LGPL-2.1', false, false],
  ["a tool's", 'BlueOak-1.0.0', false, true],
  ['data with a condition', 'CC-BY-4.0', false, false],
])('%s: %s', (_name, licence, mayShip, mayBeTool) => {
  const packages: LockedPackage[] = [{ path: 'node_modules/a', name: 'a', version: '1.0.0', licence }];
  expect([licenceProblems(packages, true), licenceProblems(packages, false)].map(({ length }) => length === 0)).toEqual(
    [mayShip, mayBeTool],
  );
});

test('an exception is for tools, and for the licence that it names', () => {
  const one = { path: '', name: 'caniuse-lite', version: '1' };
  expect(licenceProblems([{ ...one, licence: 'CC-BY-4.0' }], false)).toEqual([]);
  expect(licenceProblems([{ ...one, licence: 'CC-BY-4.0' }], true)).toHaveLength(1);
  expect(licenceProblems([{ ...one, licence: 'UNLICENSED' }], false)).toHaveLength(1);
});

test('a binary for another platform has the licence of the package that asks for it', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1', license: 'MIT', optionalDependencies: { '@a/linux': '1' } },
      'node_modules/@a/linux': { version: '1' },
      'node_modules/a/node_modules/b': { version: '2' },
    },
  };
  expect(lockedPackages(lock).map(({ name, licence }) => [name, licence])).toEqual([
    ['a', 'MIT'],
    ['@a/linux', 'MIT'],
    ['b', ''],
  ]);
});
