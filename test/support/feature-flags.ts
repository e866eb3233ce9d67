import { readFileSync } from 'node:fs';

/** The repository's own feature flags, so that tests synthesise what a person deploys. */
export function featureFlags(): Record<string, unknown> {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  const { playlistLake: _, ...flags } = context;
  return flags;
}
