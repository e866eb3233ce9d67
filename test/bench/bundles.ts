import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { STAGES, type Stage } from '../../functions/environment.ts';
import { bundleFunctions, LAMBDA_NODE_OPTIONS } from '../../infra/bundle.ts';
import { bundlesWithoutSdk, filesIn, zippedBytes } from '../support/bundle-size.ts';

/**
 * `npm run bench:bundles`: how large each function's bundle is as Lambda takes it (zipped, in KB of 1,024 bytes), and how
 * long it takes to load in a process of its own, by the Node that Lambda has. Prints a table and the same as JSON.
 */
const LOADS = 15;
/** In KB, zipped, without the AWS SDK. */
const MOST_KB = 250;

const folders = bundleFunctions();
const withoutSdk = bundlesWithoutSdk();

/** Milliseconds from the import until it is done, in a Node that has just begun, with Lambda's options, and keeps no cache of compiled code. */
function loadMs(file: string): number {
  const script = `const begun = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log(performance.now() - begun);`;
  const env = { PATH: process.env.PATH, NODE_OPTIONS: LAMBDA_NODE_OPTIONS, NODE_DISABLE_COMPILE_CACHE: '1' };
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' }));
}

const kb = (bytes: number): number => Math.round(bytes / 102.4) / 10;

function measure(stage: Stage) {
  const file = join(folders[stage], 'index.mjs');
  const times = Array.from({ length: LOADS }, () => loadMs(file)).sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.round(share * (LOADS - 1))] ?? Number.NaN);
  const code = filesIn(folders[stage]).filter(({ name }) => name === 'index.mjs');
  return {
    zippedWithoutSdkKb: kb(zippedBytes(withoutSdk[stage].files)),
    zippedAsDeployedKb: kb(zippedBytes(filesIn(folders[stage]))),
    ofItCodeKb: kb(zippedBytes(code)),
    loadMsMedian: at(0.5),
    loadMsFastest: at(0),
    loadMsSlowest: at(1),
  };
}

const rows = Object.fromEntries(STAGES.map((stage) => [stage, measure(stage)]));
for (const folder of new Set(Object.values(folders).map(dirname))) rmSync(folder, { recursive: true });
console.table(rows);
console.log(
  `The size without the SDK is to be at most ${MOST_KB}; as deployed it has the SDK and the source map. ` +
    `${LOADS} loads each, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}.`,
);
console.log(JSON.stringify({ bench: 'bundles', node: process.versions.node, loads: LOADS, bundles: rows }));
if (Object.values(rows).some(({ zippedWithoutSdkKb }) => zippedWithoutSdkKb > MOST_KB)) process.exitCode = 1;
