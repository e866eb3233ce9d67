import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { STAGES, type Stage } from '../functions/environment.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Of the file `index.mjs` that a bundle holds; it is the `handler` of `functions/<stage>.ts`. */
export const LAMBDA_HANDLER = 'index.handler';

/**
 * Node's own nursery grows to 16 MiB and three times that are held in the end: transforming 100,000 entries peaked at
 * 217 MB with 8 MiB and at 281 MB without, with no more CPU time (`npm run bench:transform`). Lambda's start script, as
 * copies of it show, names 5 % of the function's memory on the command line, and Node puts that before NODE_OPTIONS:
 * so this holds where the script does not. The functions have memory for either.
 */
export const SMALL_NURSERY = '--max-semi-space-size=8';

/** NODE_OPTIONS of every function. */
export const LAMBDA_NODE_OPTIONS = `--enable-source-maps ${SMALL_NURSERY}`;

/**
 * How the functions are bundled: one ESM file each, the AWS SDK of the lock file in it rather than the one that Lambda
 * happens to have. Names are kept, because the machine retries by the names of errors.
 */
export const bundleOptions = (outdir: string): BuildOptions => ({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(STAGES.map((stage) => [`${stage}/index`, `functions/${stage}.ts`])),
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  // Parts of the SDK's dependencies are CommonJS and ask for Node's own modules.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  logLevel: 'silent',
});

/** Bundles every function into a new folder of its own. The bytes depend on nothing but the sources. */
export function bundleFunctions(): Record<Stage, string> {
  const folder = mkdtempSync(join(tmpdir(), 'playlist-lake-bundles-'));
  // Written here rather than by esbuild: source maps name sources relative to the output, which must not be random.
  const outdir = join(root, 'cdk.out', 'bundles');
  for (const { path, contents } of buildSync({ ...bundleOptions(outdir), write: false }).outputFiles ?? []) {
    const file = join(folder, relative(outdir, path));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  return Object.fromEntries(STAGES.map((stage) => [stage, join(folder, stage)])) as Record<Stage, string>;
}
