import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runCatalog } from '../../../infra/local/catalog.ts';
import { crawl, publish, temporaryFolder, writeTables } from '../../support/parquet-lake.ts';

describe('the local catalogue', () => {
  const cwd = temporaryFolder('home');
  const lakeDir = join(cwd, '.lake');
  beforeAll(async () => {
    for (const snapshotDate of ['2026-11-30', '2026-11-23']) {
      await writeTables(lakeDir, { snapshotDate, runId: 'run' }, { tracks: [{ track_id: 't' }] });
    }
    await publish(lakeDir, { snapshotDate: '2026-11-23', runId: 'run' });
    await crawl(lakeDir);
  });

  async function local(argv: string[]) {
    const words = { stdout: '', stderr: '' };
    const into = (name: keyof typeof words) => ({
      write: (chunk: string) => {
        words[name] += chunk;
        return true;
      },
    });
    const code = await runCatalog(argv, { stdout: into('stdout'), stderr: into('stderr'), env: {}, cwd });
    return { code, ...words };
  }

  test('has the same form', async () => {
    const { code, stdout, stderr } = await local(['--format', 'csv']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('playlist_lake,published_snapshots,table,4,,2026-11-23,2026-11-23\n');
    expect(stdout).toContain('playlist_lake,track_artists,view,4,,,\n');
    expect(stdout).toContain('playlist_lake,tracks,view,13,,,\n');
    expect(stdout).toContain('playlist_lake_staging,tracks,table,14,2,2026-11-23,2026-11-30\n');
  });

  test.each([
    [['--lake', 'nowhere'], 1, /nowhere.*npm start/],
    [['--format', 'xml'], 2, /xml/],
    [['tracks'], 2, /tracks/],
  ])('%j is one line', async (argv, expected, line) => {
    const { code, stdout, stderr } = await local(argv);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^.+\n$/);
  });

  test('--help', async () => {
    expect((await local(['--help'])).stdout).toContain('--aws');
  });
});
