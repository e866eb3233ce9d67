import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Python is not there, or too old: a message for the person, without a stack trace. */
export class NoPythonError extends Error {
  override name = 'NoPythonError' as const;
}

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
const isNewEnough = 'import sys, venv; sys.exit(sys.version_info < (3, 10))';

/**
 * A tool from the Python package index in a virtual environment of its own, made anew when what it needs has changed.
 * `requirements` is pip's, a package a line. Gives the folder of its commands. Throws NoPythonError.
 */
export function pythonTool(name: string, requirements: string, python = 'python3'): string {
  const { error, status } = spawnSync(python, ['-c', isNewEnough], { stdio: 'ignore' });
  if (error || status !== 0) {
    throw new NoPythonError(
      `${name} needs ${python}, version 3.10 or later, with its module venv: install it and try again.`,
    );
  }
  const folder = join(CACHE, name);
  const stamp = join(folder, 'installed.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements) return join(folder, 'bin');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  execFileSync(python, ['-m', 'venv', folder], { stdio: 'inherit' });
  const asked = join(folder, 'requirements.txt');
  writeFileSync(asked, requirements);
  const pip = ['install', '--quiet', '--disable-pip-version-check', '--requirement', asked];
  execFileSync(join(folder, 'bin', 'pip'), pip, { stdio: 'inherit' });
  writeFileSync(stamp, requirements);
  return join(folder, 'bin');
}
