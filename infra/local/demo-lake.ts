import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../functions/domain/validation-parameters.ts';
import { type DemoSpotify, startDemoSpotify } from './demo-spotify/server.ts';
import { type LocalRun, runLocally } from './run.ts';

/** The weeks of the demo's story that the example queries look at. */
export const DEMO_WEEKS = ['2026-11-23', '2026-11-30', '2026-12-07'] as const;

/** A run on the demo that waits for nothing and says nothing. The lake folder has to be there, with its folder `logs`. */
export const demoRun = (demo: DemoSpotify, lakeDir: string, snapshotDate: string): LocalRun => ({
  lakeDir,
  runId: randomUUID(),
  input: { snapshotDate },
  config: {
    playlistIds: demo.playlists.map(({ id }) => id),
    market: null,
    keepPersonalData: false,
    validation: DEFAULT_LIMITS,
  },
  settings: { apiUrl: demo.url, accountsUrl: demo.url },
  credentials: { clientId: 'demo', clientSecret: 'very-secret' },
  saveRefreshToken: async () => {},
  now: () => new Date(),
  random: () => 0.5,
  sleep: async () => {},
  newId: randomUUID,
  onEvent: () => {},
  onLog: () => {},
});

/** Fills an empty folder with snapshots of the demo, by the state machine itself. Throws when a run does not succeed. */
export async function makeDemoLake(lakeDir: string): Promise<void> {
  mkdirSync(join(lakeDir, 'logs'), { recursive: true });
  for (const snapshotDate of DEMO_WEEKS) {
    const demo = await startDemoSpotify({ snapshotDate });
    try {
      const { outcome, athena } = await runLocally({
        ...demoRun(demo, lakeDir, snapshotDate),
        runId: `demo-${snapshotDate}`,
      });
      athena.close();
      if (outcome.status !== 'SUCCEEDED') throw new Error(`${outcome.error}: ${outcome.cause}`);
    } finally {
      await demo.close();
    }
  }
}
