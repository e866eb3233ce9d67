import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RunPlace } from '../../../functions/domain/lake-paths.ts';
import { runQuery } from '../../../infra/local/query.ts';
import { crawl, publish, putFile, temporaryFolder, writeTables } from '../../support/parquet-lake.ts';

const RUN: RunPlace = { snapshotDate: '2026-11-23', runId: 'run' };
const command = join(import.meta.dirname, '../../../infra/local/query.ts');

const cwd = temporaryFolder('home');
const lakeDir = join(cwd, '.lake');

beforeAll(async () => {
  await writeTables(lakeDir, RUN, { tracks: [{ track_id: 't', name: 'Ænima', duration_ms: 7 }] });
  await publish(lakeDir, RUN);
  await crawl(lakeDir);
  await putFile(join(cwd, 'new'), 'raw/x', '');
  await publish(join(cwd, 'uncatalogued'), RUN);
});

async function run(argv: string[], env: Record<string, string> = {}) {
  const out: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write: (chunk: string) => {
      out[name] += chunk;
      return true;
    },
  });
  const code = await runQuery(argv, { stdout: into('stdout'), stderr: into('stderr'), env, cwd });
  return { code, ...out };
}

describe('a query', () => {
  test('is answered as a table', async () => {
    expect(await run(['SELECT name, duration_ms / 2 AS half FROM tracks'])).toEqual({
      code: 0,
      stdout: 'name   half\n-----  ----\nÆnima     3\n(1 row)\n',
      stderr: '',
    });
  });

  test.each([
    ['csv', 'name\nÆnima\n'],
    ['json', '[\n  {\n    "name": "Ænima"\n  }\n]\n'],
  ])('is answered as %s, options before or after', async (format, stdout) => {
    const sql = 'SELECT name FROM tracks';
    expect(await run(['--format', format, sql])).toEqual({ code: 0, stdout, stderr: '' });
    expect(await run([sql, `--format=${format}`, '--lake', '.lake'])).toEqual({ code: 0, stdout, stderr: '' });
  });

  test.each([
    ['new', 'published'],
    ['uncatalogued', 'catalogued'],
  ])('in a lake that is %s is answered, with a word about it', async (lake, missing) => {
    const { code, stdout, stderr } = await run(['--lake', lake, 'SELECT name FROM tracks']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'name\n----\n(0 rows)\n' });
    expect(stderr).toMatch(new RegExp(`^Nothing is ${missing} in ${lake}.*npm start.*\n$`));
  });

  test('with a mistake is code 1 and one line', async () => {
    const { code, stdout, stderr } = await run(['SELECT nmae\nFROM artists']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^SQL error: line 1: .*nmae.*\n$/);
  });

  test('shows its stack when DEBUG is set', async () => {
    const { code, stderr } = await run(['SELEC 1'], { DEBUG: '1' });
    expect(code).toBe(1);
    expect(stderr.split('\n').length).toBeGreaterThan(3);
  });

  test('without a lake is code 1 and says what to do', async () => {
    const { code, stderr } = await run(['--lake', 'nowhere', 'SELECT 1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^.*nowhere.*npm start.*\n$/);
  });
});

describe('a wrong command line', () => {
  test.each([
    [['--frmat', 'csv', 'SELECT 1'], '--frmat'],
    [['--format', 'xml', 'SELECT 1'], 'xml'],
    [['SELECT 1', '--format'], '--format'],
    [['--help=yes'], '--help'],
    [[], 'SELECT count(*) FROM tracks'],
    [['  '], 'SELECT count(*) FROM tracks'],
    [['SELECT', '1'], 'one pair of quotes'],
  ])('%j is code 2 and one line', async (argv, named) => {
    const { code, stdout, stderr } = await run(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(named);
    expect(stderr).toMatch(/^.+\n$/);
  });
});

test('help names the options and the tables', async () => {
  const { code, stdout, stderr } = await run(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const word of ['--lake', '--format', 'playlist_items', 'published_snapshots']) expect(stdout).toContain(word);
});

describe('the command itself', () => {
  const start = (...argv: string[]) => spawn(process.execPath, [command, ...argv], { cwd, env: {} });

  test('answers and ends', async () => {
    const child = start('SELECT name FROM tracks', '--format', 'csv');
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect({ stdout, stderr, code }).toEqual({ stdout: 'name\nÆnima\n', stderr: '', code: 0 });
  });

  test('ends quietly when its reader has seen enough', async () => {
    const child = start('SELECT x FROM UNNEST(sequence(1, 20000)) AS t (x)');
    child.stdout.once('data', () => child.stdout.destroy());
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  });
});
