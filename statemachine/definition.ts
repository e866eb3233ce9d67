import { readFileSync } from 'node:fs';

/**
 * Reads `pipeline.asl.json` and `rebuild.asl.json`, the only reader of them, and fills in the placeholders. A file is valid JSON as it stands:
 * `${…}` stands inside strings only, so that every tool can look at it.
 */

/** What each deployment, on AWS or on this machine, has to name. */
export interface Substitutions {
  readonly PrepareFunctionArn: string;
  readonly ExtractFunctionArn: string;
  readonly TransformFunctionArn: string;
  readonly PublishFunctionArn: string;
  readonly CrawlerName: string;
  readonly WorkGroup: string;
  readonly StagingDatabase: string;
  readonly AlertTopicArn: string;
  /** Put before an execution's ARN: a link to where a person can look at it. */
  readonly ExecutionUrlPrefix: string;
  readonly RunbookUrl: string;
}

export interface Definition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

/** A state of the Amazon States Language, as far as this project looks into it. */
export interface State {
  readonly Type: 'Task' | 'Pass' | 'Choice' | 'Wait' | 'Map' | 'Succeed' | 'Fail';
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly (Readonly<Record<string, unknown>> & { readonly Next: string })[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Retry?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly IntervalSeconds?: number;
    readonly MaxAttempts?: number;
  }[];
  /** What a Map does with each item; with the mode DISTRIBUTED in an execution of its own. */
  readonly ItemProcessor?: ItemProcessor;
  readonly Label?: string;
  readonly ItemReader?: Service;
  readonly ResultWriter?: Service;
}

export interface ItemProcessor extends Pick<Definition, 'StartAt' | 'States'> {
  readonly ProcessorConfig: { readonly Mode: 'INLINE' | 'DISTRIBUTED' };
}

type Service = Required<Pick<State, 'Resource' | 'Parameters'>>;

/** Every state by its name, those inside Maps too. */
export const allStates = ({ States }: Pick<Definition, 'States'>): Record<string, State> =>
  Object.fromEntries(
    Object.entries(States).flatMap(([name, state]) => [
      [name, state],
      ...(state.ItemProcessor ? Object.entries(allStates(state.ItemProcessor)) : []),
    ]),
  );

/** The text of a file in this folder. */
export const readStateMachineFile = (name: 'pipeline.asl.json' | 'rebuild.asl.json' | 'validation.sql'): string =>
  readFileSync(new URL(name, import.meta.url), 'utf8');

/** The definition as it stands, placeholders and all. */
export const readDefinition = (): Definition => JSON.parse(readStateMachineFile('pipeline.asl.json'));

/** What a deployment has to name for `rebuild.asl.json`. */
export interface RebuildSubstitutions extends Omit<Substitutions, 'ExtractFunctionArn'> {
  readonly RebuildFunctionArn: string;
  /** Where the Distributed Maps read their items and write their results. */
  readonly LakeBucketName: string;
}

/** The rebuild machine as it stands, placeholders and all. */
export const readRebuildDefinition = (): Definition => JSON.parse(readStateMachineFile('rebuild.asl.json'));

/** The rebuild machine with every placeholder filled in. Throws as loadDefinition does. */
export const loadRebuildDefinition = (substitutions: RebuildSubstitutions): Definition =>
  fill('rebuild.asl.json', readRebuildDefinition(), substitutions);

/** The definition with every placeholder filled in. Throws when one is left over or a substitution is never used. */
export const loadDefinition = (substitutions: Substitutions): Definition =>
  fill('pipeline.asl.json', readDefinition(), substitutions);

function fill(file: string, definition: Definition, substitutions: object): Definition {
  const values: Record<string, string> = { ...substitutions, ValidationQuery: readStateMachineFile('validation.sql') };
  const used = new Set<string>();
  const filled = mapStrings(definition, (text) =>
    text.replace(/\$\{(\w+)\}/g, (placeholder, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${file}: nothing is given for ${placeholder}`);
      used.add(name);
      return value;
    }),
  );
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`${file} has no placeholder for ${unused.join(', ')}`);
  return filled as Definition;
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((element) => mapStrings(element, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapStrings(child, change)]));
}
