import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { ConfigError } from '../functions/domain/errors.ts';
import { STAGES, type Stage } from '../functions/environment.ts';
import { bundleFunctions } from './bundle.ts';
import { configOf, type DeploymentConfig, PLAYLISTS_FILE, requireSources } from './config.ts';
import { PlaylistLakeStack } from './playlist-lake-stack.ts';

const NOBODY_HEARS = 'Nobody will hear of failures: name an address in alertEmails of context.playlistLake, cdk.json';

/** What `cdk` runs. Throws ConfigError in one line when the configuration is wrong or not enough for AWS. */
export function buildApp(app: App, environment: Readonly<Record<string, string | undefined>>): PlaylistLakeStack {
  const config = configOf(app.node.getAllContext(), environment);
  requireSources(config);
  const stack = new PlaylistLakeStack(app, 'PlaylistLake', { config, code: bundledCode(config) });
  if (config.alertEmails.length === 0) {
    Annotations.of(stack).addWarningV2('playlist-lake:no-alert-emails', NOBODY_HEARS);
  }
  return stack;
}

function bundledCode(config: DeploymentConfig): Record<Stage, Code> {
  const folders = bundleFunctions();
  writeFileSync(join(folders.extract, PLAYLISTS_FILE), JSON.stringify(config.playlistIds));
  const code = STAGES.map((stage): [Stage, Code] => [stage, Code.fromAsset(folders[stage])]);
  return Object.fromEntries(code) as Record<Stage, Code>;
}

if (import.meta.main) {
  try {
    buildApp(new App(), process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`${error.name}: ${error.message}`);
    process.exitCode = 1;
  }
}
