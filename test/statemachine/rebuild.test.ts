import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import aslValidator from 'asl-validator';
import { rebuildResultsPrefix } from '../../functions/domain/lake-paths.ts';
import {
  allStates,
  loadRebuildDefinition,
  readDefinition,
  readStateMachineFile,
  type State,
} from '../../statemachine/definition.ts';
import { isDistributed, REBUILD_SUBSTITUTIONS } from './rebuild-machines.ts';

interface MapState extends State {
  readonly ItemBatcher: { readonly MaxItemsPerBatch: number };
  readonly ToleratedFailurePercentage: number;
}

const definition = loadRebuildDefinition(REBUILD_SUBSTITUTIONS);
const states = Object.entries(allStates(definition));

describe('the rebuild machine', () => {
  test('is valid ASL, with every placeholder filled in', () => {
    const { isValid, errorsText } = aslValidator(definition);
    expect([isValid, errorsText('\n')]).toEqual([true, '']);
    expect(JSON.stringify(definition)).not.toContain('${');
  });

  test('names its states once', () => {
    const text = readStateMachineFile('rebuild.asl.json');
    const types = [...text.matchAll(/^ *"Type": "(?:Task|Pass|Choice|Wait|Map|Succeed|Fail)"/gm)];
    expect(states.length).toBe(types.length);
  });

  test('maps over the plan in the lake: read, batched, some failures tolerated, results written', () => {
    const maps = states.filter(([, state]) => isDistributed(state)) as [string, MapState][];
    expect(maps.map(([name]) => name)).toEqual(['TransformDates', 'PublishDates']);
    for (const [, map] of maps) {
      expect(map.ItemReader?.Resource).toBe('arn:aws:states:::s3:getObject');
      expect(map.ItemBatcher.MaxItemsPerBatch).toBeGreaterThan(1);
      // One date's failure is noted and not counted; this is for batches that break down.
      expect(map.ToleratedFailurePercentage).toBe(50);
      expect(map.ResultWriter?.Resource).toBe('arn:aws:states:::s3:putObject');
      // The name of a map run holds the machine's, the label and a UUID: 40 characters at most are left to a label.
      expect(map.Label?.length).toBeLessThan(40);
    }
  });

  test('writes the results where Review and Conclude look for them', () => {
    for (const [map, name] of [
      ['transform', 'TransformDates'],
      ['publish', 'PublishDates'],
    ] as const) {
      const { Prefix } = { Prefix: definition.States[name]?.ResultWriter?.Parameters['Prefix.$'] };
      const prefix = /^States\.Format\('(.*)', \$\.runId\)$/.exec(String(Prefix))?.[1]?.replace('{}', 'r');
      expect(`${prefix}/`).toBe(rebuildResultsPrefix('r', map));
    }
  });

  test('calls nothing but what the weekly machine calls, and never Spotify', () => {
    const weekly = new Set(Object.values(readDefinition().States).map(({ Resource }) => Resource));
    for (const [, { Resource }] of states) if (Resource) expect(weekly).toContain(Resource);
    expect(readStateMachineFile('rebuild.asl.json')).not.toContain('ExtractFunctionArn');
  });

  test('publishes a date only when its checks have found nothing', () => {
    const order = states.map(([name]) => name);
    const comesBefore = (first: string, second: string) => order.indexOf(first) < order.indexOf(second);
    expect(comesBefore('Validate', 'Publish') && comesBefore('StartCrawler', 'Validate')).toBe(true);
    expect(Object.fromEntries(states).CheckValidation?.Default).toBe('ValidationFailed');
  });

  test('its alert links to a section of the runbook', () => {
    const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
    const links = [...readStateMachineFile('rebuild.asl.json').matchAll(/\$\{RunbookUrl\}#([\w-]+)/g)];
    expect(links.map(([, anchor]) => anchor)).toEqual(['rebuild']);
    expect(runbook).toMatch(/^### Rebuild$/m);
    const made = states.flatMap(([, state]) => {
      const { Result, Parameters } = state as { Result?: { Error?: string }; Parameters?: { Error?: string } };
      return Result?.Error ?? Parameters?.Error ?? [];
    });
    expect(made.sort()).toEqual(['CrawlerFailed', 'DatesNotRebuilt', 'ValidationFailed']);
    for (const name of made) expect(runbook).toMatch(new RegExp(`^### ${name}$`, 'm'));
  });
});
