import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { STAGES } from '../../functions/environment.ts';
import { bundleFunctions, LAMBDA_NODE_OPTIONS } from '../../infra/bundle.ts';
import { bundlesWithoutSdk, filesIn, zippedBytes } from '../support/bundle-size.ts';

/** In bytes, zipped, for a function's own code with its libraries and their source map, the AWS SDK not counted. */
const MOST_ZIPPED = 250 * 1024;

const withoutSdk = bundlesWithoutSdk();
const folders = bundleFunctions();

describe.each(STAGES)('%s', (stage) => {
  const { files, inputs } = withoutSdk[stage];

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
    const bytes = zippedBytes(files);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(MOST_ZIPPED);
  });

  test('is deployed with the SDK and its source map, far below the 50 MB that Lambda takes', () => {
    const deployed = filesIn(folders[stage]);
    expect(deployed.map(({ name }) => name).sort()).toEqual(['index.mjs', 'index.mjs.map']);
    expect(zippedBytes(deployed)).toBeGreaterThan(zippedBytes(files));
    expect(zippedBytes(deployed)).toBeLessThan(1024 * 1024);
  });

  test('loads in plain Node, with the options that Lambda gives it, and does nothing until it is called; the first call finds the empty environment', () => {
    const script = `
      const { handler } = await import(${JSON.stringify(pathToFileURL(join(folders[stage], 'index.mjs')).href)});
      const error = await handler({ runId: 'r' }, { awsRequestId: 'a' }).catch((reason) => reason);
      console.log(JSON.stringify([error.name, error.message]));`;
    const env = { PATH: process.env.PATH, NODE_OPTIONS: LAMBDA_NODE_OPTIONS };
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual(['ConfigError', expect.stringContaining('LAKE_BUCKET')]);
  });
});
