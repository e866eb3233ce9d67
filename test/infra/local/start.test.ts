import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { start as startHere } from '../../../infra/local/start.ts';

const START = new URL('../../../infra/local/start.ts', import.meta.url).pathname;

/** Runs the command in this process, with nothing in its environment but what is given. */
async function start(args: readonly string[], environment: Record<string, string> = {}) {
  const words = { log: '', error: '' };
  const say = (to: 'log' | 'error') => (text: string) => {
    words[to] += `${text}\n`;
  };
  // A consent that this machine's user keeps must not be read, let alone used.
  const isolated = { XDG_CONFIG_HOME: newDir(), ...environment };
  const code = await startHere(args, isolated, { log: say('log'), error: say('error') });
  return { code, stdout: words.log, stderr: words.error };
}

/** Runs the command as npm would. */
function startAsProcess(args: readonly string[]) {
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', XDG_CONFIG_HOME: newDir() };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [START, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const newDir = () => mkdtempSync(join(tmpdir(), 'playlist-lake-'));

test('the demo: a snapshot, an answer and what to type next', async () => {
  const lake = join(newDir(), 'my lake');
  const { code, stdout, stderr } = await startAsProcess(['--lake', lake, '--snapshot-date', '2026-11-23']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('playlist_items 317');
  expect(stdout).toContain('Most present artists');
  expect(stdout).toContain(`--lake '${lake}'`);
  expect(existsSync(join(lake, 'published', 'snapshot_date=2026-11-23.json'))).toBe(true);
}, 30_000);

test('--help', async () => {
  const { code, stdout } = await start(['--help']);
  expect(code).toBe(0);
  for (const option of ['--demo', '--playlist', '--snapshot-date', '--lake', 'SPOTIFY_CLIENT_ID'])
    expect(stdout).toContain(option);
});

describe('bad input: one line that names the thing, the right exit code, nothing written', () => {
  const aFile = join(newDir(), 'a-file');
  writeFileSync(aFile, '');
  const ID = { SPOTIFY_CLIENT_ID: 'id' };
  const AWAY = ['--playlist', '37i9dQZF1DX4sWSpwq3LiO'];
  const at = (url: string) => ({
    ...ID,
    SPOTIFY_CLIENT_SECRET: 's',
    SPOTIFY_API_URL: url,
    SPOTIFY_ACCOUNTS_URL: url,
  });
  test.each<[string, string[], Record<string, string>, number, string]>([
    ['an unknown option', ['--playlists', 'x'], {}, 2, '--playlists'],
    ['a word too much', ['now'], {}, 2, 'now'],
    ['an option without its value', ['--lake'], {}, 2, '--lake'],
    ['a malformed playlist', ['--playlist', 'https://example.com/x'], {}, 2, 'https://example.com/x'],
    ['an impossible date', ['--snapshot-date', '2026-02-30'], {}, 2, '2026-02-30'],
    ['a client ID without the rest', [], ID, 2, 'SPOTIFY_REFRESH_TOKEN'],
    ['a secret without a client ID', [], { SPOTIFY_CLIENT_SECRET: 's' }, 2, 'SPOTIFY_CLIENT_ID'],
    ['a refresh token without a client ID', [], { SPOTIFY_REFRESH_TOKEN: 's' }, 2, 'SPOTIFY_CLIENT_ID'],
    ['a URL that is none', [], { ...ID, SPOTIFY_CLIENT_SECRET: 's', SPOTIFY_API_URL: 'spotify' }, 2, 'SPOTIFY_API_URL'],
    ['nobody at the other end', AWAY, at('http://127.0.0.1:4'), 1, 'http://127.0.0.1:4 cannot be reached'],
    ['a host that is not found', AWAY, at('http://spotify.invalid'), 1, 'http://spotify.invalid cannot be reached'],
    ['no playlist', [], { ...ID, SPOTIFY_CLIENT_SECRET: 's' }, 2, '--playlist'],
  ])('%s', async (_name, args, environment, code, names) => {
    const lake = join(newDir(), 'lake');
    const given = args.includes('--lake') ? args : ['--lake', lake, ...args];
    const result = await start(given, environment);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(names);
    expect(result.stderr.trim()).not.toContain('\n');
    expect(existsSync(lake)).toBe(false);
  });

  // A folder below a file, and one of a file system in which nothing can be made.
  test.each([join(aFile, 'lake'), '/proc/no-such/lake'])('a lake folder that cannot be written: %s', async (lake) => {
    const { code, stderr } = await start(['--lake', lake]);
    expect(code).toBe(1);
    expect(stderr).toContain(lake);
    expect(stderr).toContain('--lake');
    expect(stderr.trim()).not.toContain('\n');
  });

  test('DEBUG shows where an error came from', async () => {
    const { stderr } = await start(['--snapshot-date', 'x'], { DEBUG: '1' });
    expect(stderr).toMatch(/\n +at /);
  });
});
