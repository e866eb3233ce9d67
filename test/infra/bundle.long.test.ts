import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { STAGES } from '../../functions/environment.ts';
import { bundleFunctions, bundleOptions } from '../../infra/bundle.ts';

/** In bytes, zipped, for a function's own code with its libraries, the AWS SDK not counted. */
const MOST_ZIPPED = 250 * 1024;

const options = bundleOptions('/nowhere');
const { outputFiles, metafile } = buildSync({
  ...options,
  external: ['@aws-sdk/*', '@smithy/*', '@aws-crypto/*', '@aws/*'],
  metafile: true,
  write: false,
}) as {
  outputFiles: { path: string; contents: Uint8Array }[];
  metafile: { outputs: Record<string, { entryPoint?: string; inputs: object }> };
};
const folders = bundleFunctions();

describe.each(STAGES)('%s', (stage) => {
  const inputs = Object.keys(
    Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === `functions/${stage}.ts`)?.inputs ?? {},
  );

  test('holds functions and their libraries, nothing of the CDK, of infra or of a development tool', () => {
    expect(inputs).toContain(`functions/${stage}.ts`);
    const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const libraries = [
      ...Object.keys(dependencies),
      '@aws-lambda-powertools/commons',
      '@aws/lambda-invoke-store',
      'hyparquet',
    ];
    const isAllowed = (input: string) =>
      /^functions\//.test(input) || libraries.some((name) => input.startsWith(`node_modules/${name}/`));
    expect(inputs.filter((input) => !isAllowed(input))).toEqual([]);
  });

  test(`is at most ${MOST_ZIPPED} bytes zipped, the AWS SDK not counted`, () => {
    const file = outputFiles.find(({ path }) => path.endsWith(`${stage}/index.mjs`));
    const bytes = gzipSync(file?.contents ?? '').byteLength;
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(MOST_ZIPPED);
  });

  test('loads in plain Node and does nothing until it is called; the first call finds the empty environment', () => {
    const script = `
      const { handler } = await import(${JSON.stringify(pathToFileURL(join(folders[stage], 'index.mjs')).href)});
      const error = await handler({ runId: 'r' }, { awsRequestId: 'a' }).catch((reason) => reason);
      console.log(JSON.stringify([error.name, error.message]));`;
    const env = { PATH: process.env.PATH };
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual(['ConfigError', expect.stringContaining('LAKE_BUCKET')]);
  });
});
