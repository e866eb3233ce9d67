import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { buildSync, type Metafile } from 'esbuild';
import type { Stage } from '../../functions/environment.ts';
import { bundleOptions } from '../../infra/bundle.ts';

/** How large the functions' bundles are, as Lambda takes them: a zip file of `index.mjs` and its source map. */

export interface FileInZip {
  readonly name: string;
  readonly contents: Uint8Array;
}

/** Bytes that a zip file has beside names and data: before each file, in the directory for each file, at its end. */
const HEADER = { local: 30, directory: 46, end: 22 };

/** Size in bytes of the zip file with these, each deflated at the level that every zip program takes by itself. */
export const zippedBytes = (files: readonly FileInZip[]): number =>
  files.reduce(
    (sum, { name, contents }) =>
      sum + HEADER.local + HEADER.directory + 2 * Buffer.byteLength(name) + deflateRawSync(contents).byteLength,
    HEADER.end,
  );

export const filesIn = (folder: string): FileInZip[] =>
  readdirSync(folder).map((name) => ({ name, contents: readFileSync(join(folder, name)) }));

export interface BundleWithoutSdk {
  readonly files: readonly FileInZip[];
  /** Paths of the sources in it. */
  readonly inputs: readonly string[];
}

/** What would be deployed if Lambda's own AWS SDK were used: the functions' code and the other libraries. */
export function bundlesWithoutSdk(): Record<Stage, BundleWithoutSdk> {
  const { outputFiles = [], metafile } = buildSync({
    ...bundleOptions('/nowhere'),
    external: ['@aws-sdk/*', '@smithy/*', '@aws-crypto/*', '@aws/*'],
    metafile: true,
    write: false,
  });
  const files = Map.groupBy(outputFiles, ({ path }) => basename(dirname(path)));
  const bundles = [...files].map(([stage, its]) => [
    stage,
    { files: its.map(({ path, contents }) => ({ name: basename(path), contents })), inputs: inputsOf(metafile, stage) },
  ]);
  return Object.fromEntries(bundles) as Record<Stage, BundleWithoutSdk>;
}

function inputsOf(metafile: Metafile | undefined, stage: string): string[] {
  const output = Object.values(metafile?.outputs ?? {}).find(
    ({ entryPoint }) => entryPoint === `functions/${stage}.ts`,
  );
  return Object.keys(output?.inputs ?? {});
}
