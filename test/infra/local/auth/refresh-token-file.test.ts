import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  currentRefreshToken,
  refreshTokenFile,
  saveRefreshToken,
} from '../../../../infra/local/auth/refresh-token-file.ts';

const newFile = () => refreshTokenFile({ XDG_CONFIG_HOME: mkdtempSync(join(tmpdir(), 'config-')) });

test('without a file the given token is used', async () => {
  expect(await currentRefreshToken(newFile(), 'given')).toBe('given');
});

test('a new token takes the place of the one it replaces, again and again, and of no other', async () => {
  const file = newFile();
  await saveRefreshToken(file, 'given', 'second');
  await saveRefreshToken(file, 'given', 'third');
  expect(await currentRefreshToken(file, 'given')).toBe('third');
  expect(await currentRefreshToken(file, 'consented again')).toBe('consented again');
});

test('only this user can read the file, and the replaced token does not stand in it', async () => {
  const file = newFile();
  await saveRefreshToken(file, 'given-token', 'second');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain('given-token');
});

test('a file that is not ours is left out of account', async () => {
  const file = newFile();
  await saveRefreshToken(file, 'given', 'second');
  writeFileSync(file, 'not JSON');
  expect(await currentRefreshToken(file, 'given')).toBe('given');
});
