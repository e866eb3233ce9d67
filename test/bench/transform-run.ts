import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createLake, type Lake } from '../../functions/adapters/lake.ts';
import { setV8UpForShortRuns } from '../../functions/adapters/v8-flags.ts';
import { manifestKey } from '../../functions/domain/lake-paths.ts';
import { ManifestSchema } from '../../functions/domain/manifest.ts';
import { createTransform } from '../../functions/transform.ts';
import { createFileS3Client } from '../../infra/local/s3/file-s3.ts';
import { BENCH_PLACE } from './lake-generator.ts';

/** One measurement in a process of its own: `transform-run.ts parse|transform|client LAKE`. Answers with a line of JSON. */
export interface Measurement {
  /** User and system time of all threads, the garbage collector's too. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** The most that the process ever held. */
  readonly peakMegabytes: number;
}

/** What any program has to do that reads these bytes: the yardstick. Reading the files is not counted. */
function parse(lakeDir: string): number {
  const manifest = ManifestSchema.parse(JSON.parse(readFileSync(join(lakeDir, manifestKey(BENCH_PLACE)), 'utf8')));
  let seconds = 0;
  for (const { key } of manifest.playlists.flatMap(({ objects }) => objects)) {
    const gzipped = readFileSync(join(lakeDir, key));
    const before = process.cpuUsage();
    JSON.parse(gunzipSync(gzipped).toString('utf8'));
    seconds += cpuSince(before);
  }
  return seconds;
}

/** Plain files: what is measured is the transform, not a client of S3. */
const plainLake = (lakeDir: string): Lake => ({
  get: async (key) => {
    const before = process.cpuUsage();
    const bytes = readFileSync(join(lakeDir, key));
    readingSeconds += cpuSince(before);
    return bytes;
  },
  put: async (key, body) => {
    mkdirSync(dirname(join(lakeDir, key)), { recursive: true });
    writeFileSync(join(lakeDir, key), body);
  },
  list: async () => [],
  remove: async () => {},
});

/** Not counted for the transform either. */
let readingSeconds = 0;

/** As the deployed function does. */
async function transform(lake: Lake): Promise<number> {
  setV8UpForShortRuns();
  const before = process.cpuUsage();
  await createTransform({ lake, now: () => new Date(), log: () => {} })(BENCH_PLACE);
  return cpuSince(before) - readingSeconds;
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const MEASUREMENTS: Record<string, (lakeDir: string) => number | Promise<number>> = {
  parse,
  transform: (lakeDir) => transform(plainLake(lakeDir)),
  client: (lakeDir) => transform(createLake({ client: createFileS3Client(lakeDir), bucket: 'bench' })),
};

if (import.meta.main) {
  const [name = '', lakeDir = ''] = process.argv.slice(2);
  const start = performance.now();
  const cpuSeconds = (await MEASUREMENTS[name]?.(lakeDir)) ?? Number.NaN;
  const measurement: Measurement = {
    cpuSeconds,
    wallSeconds: (performance.now() - start) / 1000,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(measurement));
}
