import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
// @ts-expect-error: the package has no types of its own
import aslValidator from 'asl-validator';
import { createRebuildPlan } from '../../functions/rebuild-plan.ts';
import {
  loadRebuildDefinition,
  type RebuildSubstitutions,
  readDefinition,
  readStateMachineFile,
} from '../../statemachine/definition.ts';
import { fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { extractPayload, newLake, stages } from '../support/stages.ts';

const arn = (name: string) => `arn:aws:lambda:eu-central-1:123456789012:function:${name}`;
const SUBSTITUTIONS: RebuildSubstitutions = {
  PrepareFunctionArn: arn('prepare'),
  ExtractFunctionArn: arn('extract'),
  TransformFunctionArn: arn('transform'),
  PublishFunctionArn: arn('publish'),
  RebuildPlanFunctionArn: arn('plan'),
  LakeBucketName: 'lake',
  CrawlerName: 'crawler',
  WorkGroup: 'group',
  StagingDatabase: 'staging',
  AlertTopicArn: 'arn:aws:sns:eu-central-1:123456789012:topic',
  ExecutionUrlPrefix: 'https://console/',
  RunbookUrl: 'https://runbook',
};

interface AnyState {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly ItemReader?: { Resource: string };
  readonly ItemBatcher?: { MaxItemsPerBatch: number };
  readonly ToleratedFailurePercentage?: number;
  readonly ResultWriter?: { Resource: string };
  readonly Label?: string;
  readonly ItemProcessor?: { ProcessorConfig: { Mode: string }; States: Record<string, AnyState> };
}

/** Every state, those within Maps too. */
const statesOf = (states: Readonly<Record<string, AnyState>>): [string, AnyState][] =>
  Object.entries(states).flatMap(([name, state]) => [
    [name, state],
    ...(state.ItemProcessor ? statesOf(state.ItemProcessor.States) : []),
  ]);

const definition = loadRebuildDefinition(SUBSTITUTIONS);
const states = statesOf(definition.States as unknown as Record<string, AnyState>);

describe('the rebuild machine', () => {
  test('is valid ASL, with every placeholder filled in', () => {
    const { isValid, errorsText } = aslValidator(definition);
    expect([isValid, errorsText('\n')]).toEqual([true, '']);
    expect(JSON.stringify(definition)).not.toContain('${');
  });

  test('names its states once, and bounds every task', () => {
    expect(new Set(states.map(([name]) => name)).size).toBe(states.length);
    for (const [name, { Type, TimeoutSeconds }] of states) {
      if (Type === 'Task') expect([name, TimeoutSeconds]).toEqual([name, expect.any(Number)]);
    }
  });

  test('maps over the plan in the lake: read, batched, some failures tolerated, results written', () => {
    const maps = states.filter(([, { ItemProcessor }]) => ItemProcessor?.ProcessorConfig.Mode === 'DISTRIBUTED');
    expect(maps.map(([name]) => name)).toEqual(['TransformDates', 'PublishDates']);
    for (const [, map] of maps) {
      expect(map.ItemReader?.Resource).toBe('arn:aws:states:::s3:getObject');
      expect(map.ItemBatcher?.MaxItemsPerBatch).toBeGreaterThan(1);
      expect(map.ToleratedFailurePercentage).toBeLessThanOrEqual(5);
      expect(map.ResultWriter?.Resource).toBe('arn:aws:states:::s3:putObject');
      // The run ID of a child's execution holds its parent's name, the label and a UUID: 80 characters at most.
      expect(map.Label?.length).toBeLessThan(40);
    }
  });

  test('calls nothing but what the weekly machine calls, and the plan', () => {
    const weekly = new Set(Object.values(readDefinition().States).map(({ Resource }) => Resource));
    for (const [, { Resource }] of states) if (Resource) expect(weekly).toContain(Resource);
  });

  test('publishes a date only when its checks have found nothing', () => {
    const order = states.map(([name]) => name);
    const comesBefore = (first: string, second: string) => order.indexOf(first) < order.indexOf(second);
    expect(comesBefore('Validate', 'Publish') && comesBefore('StartCrawler', 'Validate')).toBe(true);
    const check = states.find(([name]) => name === 'CheckValidation')?.[1] as unknown as { Default: string };
    expect(check.Default).toBe('ValidationFailed');
  });

  test('its alert links to a section of the runbook', () => {
    const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
    const links = [...readStateMachineFile('rebuild.asl.json').matchAll(/\$\{RunbookUrl\}#([\w-]+)/g)];
    expect(links.map(([, anchor]) => anchor)).toEqual(['rebuild']);
    expect(runbook).toMatch(/^### Rebuild$/m);
  });
});

test('the plan lists the dates in raw, in the range asked for', async () => {
  const { lake } = newLake();
  const { extract } = stages(lake, fakeSpotify({ p: { snapshotId: 'v', entries: tracks(1) } }), ['p']);
  for (const snapshotDate of ['2026-11-30', '2026-11-16', '2026-11-23']) {
    await extract(extractPayload({}, { snapshotDate, runId: 'run' }));
  }
  const plan = createRebuildPlan({ lake });
  const { key, dates } = await plan({ runId: 'again', input: { to: '2026-11-23' } });
  expect(dates).toBe(2);
  expect(JSON.parse(Buffer.from((await lake.get(key)) ?? []).toString())).toEqual([
    { snapshotDate: '2026-11-16' },
    { snapshotDate: '2026-11-23' },
  ]);
  const refused = expect.objectContaining({ name: 'InvalidInputError' });
  await expect(plan({ runId: 'again', input: { from: 'x' } })).rejects.toEqual(refused);
});
