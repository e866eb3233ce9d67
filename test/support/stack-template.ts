import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PLAYLIST = '37i9dQZF1DX4sWSpwq3LiO';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface SynthRequest {
  /** The block `playlistLake` of cdk.json. */
  readonly block: object;
  /** With the CDK's own checks of the template. */
  readonly validate?: boolean;
  /** With cdk-nag's packs AwsSolutions and Serverless. */
  readonly nag?: boolean;
}

export interface Synthesis {
  readonly stackName: string;
  readonly terminationProtection: boolean;
  readonly template: Template;
  /** What the checks say, empty when they find nothing. */
  readonly problems: string;
}

/** What a person's own block adds to the least there has to be. */
export const block = (more: object = {}) => ({ playlists: [PLAYLIST], alertEmails: ['you@example.org'], ...more });

/** The stack of each request, all made by one process. */
export function synthesise<K extends string>(requests: Readonly<Record<K, SynthRequest>>): Record<K, Synthesis> {
  const script = fileURLToPath(new URL('synthesise.ts', import.meta.url));
  const answerFile = join(mkdtempSync(join(tmpdir(), 'synth-')), 'answer.json');
  execFileSync(process.execPath, [script, JSON.stringify(Object.values(requests)), answerFile], { stdio: 'pipe' });
  const answers = JSON.parse(readFileSync(answerFile, 'utf8')) as Synthesis[];
  return Object.fromEntries(Object.keys(requests).map((name, index) => [name, answers[index]])) as Record<K, Synthesis>;
}

export const resourcesOf = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

/** A value of the template as text: references become `${LogicalId}` or `${LogicalId.Attribute}`. */
export function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': joined } = value as Record<string, unknown>;
  if (typeof Ref === 'string') return `\${${Ref}}`;
  if (Array.isArray(attribute)) return `\${${attribute.join('.')}}`;
  if (Array.isArray(joined)) return (joined[1] as unknown[]).map(flat).join(joined[0] as string);
  throw new Error(`not a text: ${JSON.stringify(value)}`);
}
