import { setTimeout as sleep } from 'node:timers/promises';
import { createLake, readJson } from '../../functions/adapters/lake.ts';
import { createSpotify } from '../../functions/adapters/spotify.ts';
import { manifestKey } from '../../functions/domain/lake-paths.ts';
import { ManifestSchema } from '../../functions/domain/manifest.ts';
import { DEFAULT_READING } from '../../functions/domain/reading-config.ts';
import { createExtract } from '../../functions/extract.ts';
import { createPublish } from '../../functions/publish.ts';
import { createFileS3Client } from '../../infra/local/s3/file-s3.ts';

/** One week in a process of its own, so that its memory is its own: `extract-week.ts URL LAKE_DIR DATE`. */
export interface Week {
  readonly playlists: number;
  readonly entries: number;
  /** Of the Web API, as the manifest states them. */
  readonly calls: number;
  readonly budget: number;
  readonly wallMs: number;
  /** User and system time of all threads. */
  readonly cpuMs: number;
  /** The most that the process held until Extract had answered. */
  readonly peakMegabytes: number;
}

async function readWeek(apiUrl: string, lakeDir: string, snapshotDate: string): Promise<Week> {
  const lake = createLake({ client: createFileS3Client(lakeDir), bucket: 'bench' });
  const place = { snapshotDate, runId: `bench-${snapshotDate}` };
  const now = () => new Date(`${snapshotDate}T06:00:00Z`);
  const extract = createExtract({
    spotify: createSpotify({
      settings: { apiUrl, accountsUrl: apiUrl },
      credentials: { clientId: 'id', clientSecret: 'secret' },
      now: Date.now,
      sleep: (ms) => sleep(ms),
      random: Math.random,
      log: () => {},
      saveRefreshToken: async () => {},
    }),
    lake,
    apiUrl,
    playlistIds: [],
    reading: { ...DEFAULT_READING, myPlaylists: 'all' },
    consent: { authorizedAt: null, command: '' },
    market: null,
    keepPersonalData: false,
    now,
    remainingMs: () => Number.POSITIVE_INFINITY,
    log: () => {},
  });
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const { playlists, entries } = await extract({ ...place, startedAt: now().toISOString(), playlistIds: null });
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  await createPublish({ lake, now, log: () => {} })({ ...place, status: 'complete' });
  const manifest = await readJson(lake, manifestKey(place), ManifestSchema);
  const { made = 0, budget = 0 } = manifest?.calls ?? {};
  return { playlists, entries, calls: made, budget, wallMs, cpuMs: (user + system) / 1000, peakMegabytes };
}

const [apiUrl = '', lakeDir = '', snapshotDate = ''] = process.argv.slice(2);
console.log(JSON.stringify(await readWeek(apiUrl, lakeDir, snapshotDate)));
