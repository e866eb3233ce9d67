import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLake, readJson } from '../../functions/adapters/lake.ts';
import { createSpotify } from '../../functions/adapters/spotify.ts';
import { manifestKey } from '../../functions/domain/lake-paths.ts';
import { ManifestSchema } from '../../functions/domain/manifest.ts';
import { DEFAULT_READING } from '../../functions/domain/reading-config.ts';
import { createExtract } from '../../functions/extract.ts';
import { createPublish } from '../../functions/publish.ts';
import { createFileS3Client } from '../../infra/local/file-s3.ts';

/**
 * `npm run bench:extract [-- --playlists 1000 --entries 150 --latency 50]`: reads playlists from a server on this machine
 * that answers with a latency, into a lake in a temporary folder, then reads them again a week later, unchanged.
 */
const { values } = parseArgs({
  options: {
    playlists: { type: 'string', default: '1000' },
    entries: { type: 'string', default: '150' },
    latency: { type: 'string', default: '50' },
  },
});
const latencyMs = Number(values.latency);

const program = new URL('./slow-spotify.ts', import.meta.url).pathname;
const server = spawn(process.execPath, [program, values.playlists, values.entries, values.latency], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [port] = await once(server.stdout, 'data');
const apiUrl = `http://127.0.0.1:${String(port).trim()}`;
const folder = mkdtempSync(join(tmpdir(), 'playlist-lake-bench-'));
const lake = createLake({ client: createFileS3Client(folder), bucket: 'bench' });

async function measure(snapshotDate: string) {
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
  const result = await extract({ ...place, startedAt: now().toISOString(), playlistIds: null });
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  const manifest = await readJson(lake, manifestKey(place), ManifestSchema);
  await createPublish({ lake, now, log: () => {} })({ ...place, status: 'complete' });
  const { made = 0, budget = 0 } = manifest?.calls ?? {};
  const latenciesMs = result.calls * latencyMs;
  return {
    snapshot_date: snapshotDate,
    playlists: result.playlists,
    entries: result.entries,
    calls: made,
    budget,
    calls_to_budget: round(made / budget),
    wall_s: round(wallMs / 1000),
    latencies_s: round(latenciesMs / 1000),
    wall_to_latencies: round(wallMs / latenciesMs),
    peak_memory_mb: round(process.resourceUsage().maxRSS / 1024),
    cpu_ms_a_call: round((user + system) / 1000 / result.calls),
  };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

try {
  const weeks = [await measure('2026-11-23'), await measure('2026-11-30')];
  console.table(Object.fromEntries(weeks.map(({ snapshot_date, ...figures }) => [snapshot_date, figures])));
  const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length, latency_ms: latencyMs };
  console.log(JSON.stringify({ machine, weeks }));
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
