import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { bundleOptions, SMALL_NURSERY } from '../../infra/bundle.ts';
import { type TableSize, tableSizes } from './csv.ts';
import { generateLake } from './lake-generator.ts';
import type { Measurement } from './transform-run.ts';

/**
 * `npm run bench:transform [-- --entries 10000,100000,1000000] [--runs N] [--json FILE]`: what the transform costs, as a
 * table and as JSON. A run is the yardstick and then the transform, each in a process of its own. What is shown is the median
 * of the runs, and the median of their ratios, since a machine's speed changes from one minute to the next. Without --runs
 * there are three, and more of short ones, whose times scatter more.
 */

interface Result {
  readonly entries: number;
  readonly parse: Measurement;
  readonly transform: Measurement;
  /** CPU time of the transform over that of the yardstick. */
  readonly ratio: number;
  /** The same through the AWS client over files, as `npm start` has it. */
  readonly client: Measurement;
  readonly sizes: readonly TableSize[];
}

const TARGETS: Record<number, { ratio: number; megabytes: number }> = {
  10000: { ratio: 1.5, megabytes: 200 },
  100000: { ratio: 1.2, megabytes: 256 },
  1000000: { ratio: 1.2, megabytes: 256 },
};

async function bench(entries: number, runs: number): Promise<Result> {
  const lakeDir = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    console.error(`${entries} entries: making them`);
    generateLake(lakeDir, entries);
    const script = bundle(lakeDir);
    const all: Record<'parse' | 'transform' | 'client', Measurement[]> = { parse: [], transform: [], client: [] };
    for (let run = 1; run <= runs; run += 1) {
      for (const name of ['parse', 'transform'] as const) all[name].push(measure(name, script, lakeDir));
      if (run === 1) all.client.push(measure('client', script, lakeDir));
      console.error(`${entries} entries: run ${run} of ${runs}`);
    }
    const ratio = median(all.transform.map(({ cpuSeconds }, run) => cpuSeconds / (all.parse[run]?.cpuSeconds ?? 0)));
    const [parse, transform, client] = [typical(all.parse), typical(all.transform), typical(all.client)];
    return { entries, parse, transform, ratio, client, sizes: await tableSizes(lakeDir) };
  } finally {
    rmSync(lakeDir, { recursive: true });
  }
}

/** The program is bundled as the deployed function is: Node takes 50 MB to strip the types off sources. */
function bundle(lakeDir: string): string {
  const script = join(lakeDir, 'measure.mjs');
  buildSync({
    ...bundleOptions(lakeDir),
    entryPoints: { measure: join(import.meta.dirname, 'transform-run.ts') },
  });
  return script;
}

function measure(name: string, script: string, lakeDir: string): Measurement {
  return JSON.parse(execFileSync(process.execPath, [SMALL_NURSERY, script, name, lakeDir], { encoding: 'utf8' }));
}

/** The most memory, since that is what has to be there. */
const typical = (runs: readonly Measurement[]): Measurement => ({
  cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
  wallSeconds: median(runs.map(({ wallSeconds }) => wallSeconds)),
  peakMegabytes: Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes)),
});

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

const sum = (sizes: readonly TableSize[], field: Exclude<keyof TableSize, 'table'>): number =>
  sizes.reduce((total, size) => total + size[field], 0);

/** Wall time of `npm start` on the demo, from an empty folder to the first answer. */
function startSeconds(): number {
  const lakeDir = mkdtempSync(join(tmpdir(), 'bench-'));
  const start = performance.now();
  execFileSync('npm', ['start', '--', '--demo', '--lake', join(lakeDir, 'lake')], { stdio: 'ignore' });
  const seconds = (performance.now() - start) / 1000;
  rmSync(lakeDir, { recursive: true });
  return seconds;
}

/** The slope of log(cost) over log(entries): 1 when the cost grows in proportion. */
export function fittedExponent(points: readonly { entries: number; cost: number }[]): number {
  const logs = points.map(({ entries, cost }) => [Math.log(entries), Math.log(cost)] as const);
  const mean = (index: 0 | 1) => logs.reduce((total, log) => total + log[index], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = logs.reduce((total, [x, y]) => total + (x - meanX) * (y - meanY), 0);
  return over / logs.reduce((total, [x]) => total + (x - meanX) ** 2, 0);
}

function report(results: readonly Result[]): string {
  const rows = results.map(({ entries, parse, transform, ratio, client, sizes }) => {
    const target = TARGETS[entries];
    const versus = (value: string, limit: number | undefined) =>
      limit === undefined ? value : `${value} (≤ ${limit})`;
    return [
      entries.toLocaleString('en'),
      `${parse.cpuSeconds.toFixed(2)} s`,
      `${transform.cpuSeconds.toFixed(2)} s`,
      versus(ratio.toFixed(2), target?.ratio),
      versus(transform.peakMegabytes.toFixed(0), target?.megabytes),
      `${client.cpuSeconds.toFixed(2)} s`,
      versus((sum(sizes, 'parquet') / sum(sizes, 'csv')).toFixed(3), target && 0.6),
      (sum(sizes, 'parquet') / sum(sizes, 'csvOfTable')).toFixed(3),
      (sum(sizes, 'ids') / sum(sizes, 'csv')).toFixed(2),
      `${(sum(sizes, 'validation') / 1e6).toFixed(2)} of ${(sum(sizes, 'csv') / 1e6).toFixed(2)}`,
    ];
  });
  const head = [
    'entries',
    'gunzip + JSON.parse',
    'transform',
    'ratio',
    'peak MB',
    'with the AWS client',
    'Parquet / gzipped CSV',
    'of the stored tables alone',
    'of it IDs, at least',
    'MB validated, Parquet of CSV',
  ];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const exponent = fittedExponent(results.map(({ entries, transform }) => ({ entries, cost: transform.cpuSeconds })));
  if (results.length === 1) return lines.join('\n');
  return `${lines.join('\n')}\n\nCPU time grows as entries ^ ${exponent.toFixed(2)}.`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      entries: { type: 'string', default: '10000,100000,1000000' },
      runs: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const results: Result[] = [];
  for (const entries of values.entries.split(',').map(Number)) {
    results.push(await bench(entries, Number(values.runs ?? Math.max(3, Math.min(15, Math.ceil(500_000 / entries))))));
  }
  const npmStartSeconds = startSeconds();
  console.log(`${report(results)}\n\nnpm start on the demo takes ${npmStartSeconds.toFixed(1)} s.`);
  const json = JSON.stringify({ node: process.version, cpu: process.arch, npmStartSeconds, results });
  if (values.json) writeFileSync(values.json, `${json}\n`);
  else console.log(`\n${json}`);
}
