import {
  type Definition,
  loadRebuildDefinition,
  type RebuildSubstitutions,
  type State,
} from '../../statemachine/definition.ts';
import { readMockConfig } from './mocks.ts';
import { readScenarios } from './scenarios.ts';

/**
 * The rebuild machine for engines that lack Distributed Maps. On AWS each batch is an execution of its own with the
 * input `{"Items": […]}`; so the part inside a map is run as a machine of its own, as it stands. In the machine around
 * it the map becomes a Task that is answered as a map is: with where its results are, or with its error. What is
 * exchanged is the reader, the batcher, the selector and the writer; the template's and the lint's tests hold those.
 */
const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

export const REBUILD_SUBSTITUTIONS: RebuildSubstitutions = {
  PrepareFunctionArn: arn('prepare'),
  TransformFunctionArn: arn('transform'),
  PublishFunctionArn: arn('publish'),
  RebuildFunctionArn: arn('rebuild'),
  LakeBucketName: 'lake',
  CrawlerName: 'playlist-lake',
  WorkGroup: 'playlist-lake',
  StagingDatabase: 'playlist_lake_staging',
  AlertTopicArn: 'arn:aws:sns:us-east-1:000000000000:playlist-lake',
  ExecutionUrlPrefix: 'https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/',
  RunbookUrl: 'https://example.com/docs/runbook.md',
};

/** The map that stands in each machine's place, and the machine around both. */
const MACHINES = { Rebuild: undefined, RebuildTransform: 'TransformDates', RebuildPublish: 'PublishDates' } as const;

export const isDistributed = ({ ItemProcessor }: State): boolean =>
  ItemProcessor?.ProcessorConfig.Mode === 'DISTRIBUTED';

/** Any Resource does: the call is answered by the table. What it sends is what the map would read, hand on and write to. */
const asTask = ({ Type: _, Label, ItemProcessor, ItemReader, ResultWriter, ...map }: State): State => {
  const { ItemSelector, ItemBatcher, MaxConcurrency, ToleratedFailurePercentage, ...rest } = map as State &
    Record<string, object>;
  const ofEach = Object.entries(ItemSelector ?? {}).filter(([, value]) => !String(value).startsWith('$$.Map.'));
  const Payload = { ...Object.fromEntries(ofEach), reads: ItemReader?.Parameters, writes: ResultWriter?.Parameters };
  const task = { Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'map', Payload } };
  return { ...rest, ...task, Type: 'Task', TimeoutSeconds: 86_400 } as State;
};

/** By the names that the table of cases uses. */
export function rebuildMachines(): Record<keyof typeof MACHINES, Definition> {
  const definition = loadRebuildDefinition(REBUILD_SUBSTITUTIONS);
  const around = Object.entries(definition.States).map(([name, state]) => [
    name,
    isDistributed(state) ? asTask(state) : state,
  ]);
  const inside = (name: string): Definition => {
    const { StartAt = '', States = {} } = definition.States[name]?.ItemProcessor ?? {};
    return { StartAt, States, TimeoutSeconds: definition.TimeoutSeconds };
  };
  return {
    Rebuild: { ...definition, States: Object.fromEntries(around) },
    RebuildTransform: inside(MACHINES.RebuildTransform),
    RebuildPublish: inside(MACHINES.RebuildPublish),
  };
}

export const readRebuildScenarios = () => readScenarios('rebuild-scenarios.json');
export const readRebuildMocks = () => readMockConfig(new URL('RebuildMockConfigFile.json', import.meta.url));
