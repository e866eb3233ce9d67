import { randomUUID } from 'node:crypto';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { MachineEvent, Outcome } from '../local/machine.ts';
import { type Context, say, warn } from './command.ts';
import { executionLink } from './console-links.ts';
import { followExecution } from './follow-execution.ts';

/** IAM actions of `startRebuild`. */
export const REBUILD_CALLS = ['states:StartExecution', 'states:GetExecutionHistory'] as const;

export interface RebuildInput {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly dates?: readonly string[];
}

/** What a person waits for, by the state that does it. */
const STAGES: Readonly<Record<string, string>> = {
  Plan: 'listing the dates',
  TransformDates: 'writing the tables from raw, many dates at once',
  StartCrawler: 'registering the new files, which takes some minutes',
  PublishDates: 'checking and publishing each date',
  Conclude: 'looking at what is published',
};

/** Starts the rebuild machine; gives a function that follows it to its end, undefined when the person stops watching. */
export async function startRebuild(machineArn: string, input: RebuildInput, context: Context) {
  const client = new SFNClient(context.settings);
  const { executionArn = '' } = await client.send(
    new StartExecutionCommand({
      stateMachineArn: machineArn,
      name: `rebuild-${context.now().toISOString().replace(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`,
      input: JSON.stringify(input),
    }),
  );
  say(context, `Started: ${executionLink(executionArn)}`);
  const onEvent = (event: MachineEvent) => {
    const words = STAGES[event.state];
    if (event.type === 'entered' && words) warn(context, `${context.now().toISOString().slice(11, 19)} ${words}`);
  };
  return (): Promise<Outcome | undefined> => followExecution({ ...context, client, executionArn, onEvent });
}
