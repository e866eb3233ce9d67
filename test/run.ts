import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** `npm test [-- jest arguments]`: types, style, behaviour. Stops at the first that fails, with its exit code. */
const modules = join(import.meta.dirname, '..', 'node_modules');
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(modules, 'jest/bin/jest.js'),
  ...process.argv.slice(2),
];
const STEPS: readonly (readonly [string, readonly string[]])[] = [
  [join(modules, '.bin/tsc'), []],
  [join(modules, '.bin/biome'), ['check', '--error-on-warnings']],
  [process.execPath, jest],
];

const failed = STEPS.map(
  ([command, args]) =>
    () =>
      spawnSync(command, args, { stdio: 'inherit' }).status ?? 1,
);
process.exitCode = failed.reduce((status, step) => (status === 0 ? step() : status), 0);
