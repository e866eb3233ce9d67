import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { bundleOptions } from '../../infra/bundle.ts';
import type { Week } from './extract-week.ts';

/**
 * `npm run bench:extract [-- --playlists 1000 --entries 150 --latency 50]`: reads playlists from a server on this machine
 * that answers with a latency, into a lake in a temporary folder, then reads them again a week later, unchanged. The wall
 * time is held against the latencies as the server measured them, and as they were asked for; a loop of bare calls of
 * `fetch` to the same server says how much of the difference is not ours. Extract runs as it is deployed: bundled, and
 * with the flags of Node that it has on AWS.
 */
const { values } = parseArgs({
  options: {
    playlists: { type: 'string', default: '1000' },
    entries: { type: 'string', default: '150' },
    latency: { type: 'string', default: '50' },
  },
});
const BARE_CALLS = 300;
/** What a playlist of 150 entries is asked for. */
const BARE_PATHS = ['', '/items?offset=100&limit=50', '?fields=snapshot_id'];

/** Megabytes of the function, as in infra/constructs/pipeline.ts. */
const LAMBDA_MEMORY = 512;
/** Lambda's runtime gives Node 90 % of the memory, and 5 % to a semi-space (`/var/runtime/bootstrap`). */
const LAMBDA_FLAGS = [
  '--enable-source-maps',
  `--max-semi-space-size=${Math.floor(LAMBDA_MEMORY * 0.05)}`,
  `--max-old-space-size=${Math.floor(LAMBDA_MEMORY * 0.9)}`,
];

const fileOf = (name: string) => new URL(name, import.meta.url).pathname;
const server = spawn(
  process.execPath,
  [fileOf('./slow-spotify.ts'), values.playlists, values.entries, values.latency],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const [port] = await once(server.stdout, 'data');
const url = `http://127.0.0.1:${String(port).trim()}`;
const folder = mkdtempSync(join(tmpdir(), 'playlist-lake-bench-'));
const lakeDir = join(folder, 'lake');

buildSync({ ...bundleOptions(folder), entryPoints: { week: fileOf('./extract-week.ts') } });

async function latencies(): Promise<{ calls: number; ms: number }> {
  return (await fetch(`${url}/latencies`)).json() as Promise<{ calls: number; ms: number }>;
}

async function measure(date: string) {
  await latencies();
  const args = [...LAMBDA_FLAGS, join(folder, 'week.mjs'), url, lakeDir, date];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const week = JSON.parse(stdout) as Week;
  const measured = await latencies();
  return {
    playlists: week.playlists,
    entries: week.entries,
    calls: week.calls,
    budget: week.budget,
    calls_to_budget: round(week.calls / week.budget),
    wall_s: round(week.wallMs / 1000),
    latencies_s: round(measured.ms / 1000),
    wall_to_latencies: round(week.wallMs / measured.ms),
    wall_to_asked_latencies: round(week.wallMs / (measured.calls * Number(values.latency))),
    ms_a_call_beside_latency: round((week.wallMs - measured.ms) / measured.calls),
    peak_memory_mb: round(week.peakMegabytes),
    cpu_ms_a_call: round(week.cpuMs / measured.calls),
  };
}

/** The same bodies, fetched and thrown away. */
async function bareFetch() {
  await latencies();
  const begun = performance.now();
  for (let call = 0; call < BARE_CALLS; call += 1) {
    const playlist = `${url}/v1/playlists/p${String(Math.floor(call / 3)).padStart(21, '0')}`;
    await (await fetch(`${playlist}${BARE_PATHS[call % 3]}`)).bytes();
  }
  const wallMs = performance.now() - begun;
  const { ms } = await latencies();
  return { calls: BARE_CALLS, wall_to_latencies: round(wallMs / ms), latency_ms: round(ms / BARE_CALLS) };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

try {
  const weeks = { '2026-11-23': await measure('2026-11-23'), '2026-11-30, unchanged': await measure('2026-11-30') };
  const bare = await bareFetch();
  console.table(weeks);
  console.log(
    `Bare fetch, ${bare.calls} calls: ${bare.wall_to_latencies} of the latencies, ${bare.latency_ms} ms each.`,
  );
  console.log(`Node ${process.version} with ${LAMBDA_FLAGS.join(' ')}, as on AWS.`);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length, latency_ms: values.latency };
  console.log(JSON.stringify({ machine, weeks, bare }));
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
