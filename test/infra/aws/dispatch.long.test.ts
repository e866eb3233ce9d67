import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const FOLDER = new URL('../../../infra/local/', import.meta.url);

/** In a process of its own: a command that imports the program that waits for it would never end. */
test.each(['query', 'catalog', 'auth', 'doctor'])('npm run %s -- --aws is another command', async (name) => {
  const program = new URL(`${name}.ts`, FOLDER).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--aws', '--help']);
  expect(stdout).toContain(`npm run ${name} -- --aws`);
});
