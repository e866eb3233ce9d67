import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { STAGES, type Stage } from '../../functions/environment.ts';
import { configOf } from '../../infra/config.ts';
import { PlaylistLakeStack } from '../../infra/playlist-lake-stack.ts';
import { featureFlags } from './feature-flags.ts';
import type { Synthesis, SynthRequest } from './stack-template.ts';

/**
 * Run by `stack-template.ts` in a process of its own: Jest's module loader takes many times as long for the CDK as Node.
 * Its argument is a list of requests as JSON, its output the list of what came of them.
 */

/** A stand-in for the functions' code: bundling has its own test. */
function standIn(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = async () => {};\n');
  return folder;
}

const folder = standIn();

function synthesise({ block, validate = false, nag = false }: SynthRequest): Synthesis {
  const app = new App({
    outdir: mkdtempSync(join(tmpdir(), 'cdk-out-')),
    analyticsReporting: false,
    context: { ...featureFlags(), '@aws-cdk/core:validateAgainstDefaultRules': validate },
  });
  const code = Object.fromEntries(STAGES.map((stage): [Stage, Code] => [stage, Code.fromAsset(folder)]));
  const config = configOf({ playlistLake: block }, {});
  const stack = new PlaylistLakeStack(app, 'PlaylistLake', { config, code: code as Record<Stage, Code> });
  if (nag) Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  const { stackName, terminationProtection = false } = stack;
  try {
    return { stackName, terminationProtection, template: app.synth().getStackByName(stackName).template, problems: '' };
  } catch (error) {
    return { stackName, terminationProtection, template: { Resources: {}, Outputs: {} }, problems: String(error) };
  }
}

// Into a file: the CDK may write to either output.
const [requests = '[]', answerFile = ''] = process.argv.slice(2);
writeFileSync(answerFile, JSON.stringify((JSON.parse(requests) as SynthRequest[]).map(synthesise)));
