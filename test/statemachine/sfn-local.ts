import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  type HistoryEvent,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Definition } from '../../statemachine/definition.ts';
import {
  differences,
  loadTestDefinition,
  type Observed,
  readScenarios,
  type Scenario,
  START_AT,
  startingAs,
} from './scenarios.ts';
import { startEngine } from './sfn-local-engine.ts';

/**
 * `npm run test:sfn-local`: every case on Step Functions Local, held against the table. It needs Java or Docker and is
 * not to be had everywhere, so without one it says so and ends with 0. `docs/decisions/0005-engines.md` says how.
 */

/** It waits in real time: the longest case polls 60 times, and one retrier has 40 attempts. */
const SHORT = { Seconds: 1, IntervalSeconds: 1, BackoffRate: 1, MaxDelaySeconds: 2 };
const AT_ONCE = 16;
/** A JVM has to start, and for some seconds more the sockets are hung up. */
const START_MS = 60_000;
const CASE_MS = 300_000;

/** The definition with every wait and retry short; nothing else is exchanged. */
export function withShortWaits(definition: Definition): Definition {
  const shorten = (key: string, value: unknown) => (key in SHORT ? SHORT[key as keyof typeof SHORT] : value);
  return JSON.parse(JSON.stringify(definition), shorten);
}

export interface SfnLocalRun {
  readonly endpoint: string;
  readonly scenarios: readonly Scenario[];
  readonly definition: Definition;
  readonly pollMs?: number;
}

/** The differences of each case, by its name. Throws when the engine does not come up. */
export async function runOnSfnLocal({ endpoint, scenarios, definition, pollMs = 500 }: SfnLocalRun) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SFNClient({ endpoint, region: 'us-east-1', credentials });
  await untilItAnswers(client, endpoint, pollMs);
  const machines = new Map<string, string>();
  for (const machine of Object.keys(START_AT)) {
    machines.set(machine, await createMachine(client, machine, startingAs(withShortWaits(definition), machine)));
  }
  const results = new Map<string, string[]>();
  const queue = scenarios.values();
  const worker = async () => {
    for (const scenario of queue) {
      const observed = await runCase(client, machines.get(scenario.machine) ?? '', scenario, pollMs);
      results.set(scenario.name, differences(scenario, definition, observed));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const stateMachineArn of machines.values())
    await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  client.destroy();
  return results;
}

async function untilItAnswers(client: SFNClient, endpoint: string, pollMs: number): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      return void (await client.send(new ListStateMachinesCommand({})));
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`nothing answers at ${endpoint}`, { cause });
      await sleep(pollMs);
    }
  }
}

/** The name is the one in MockConfigFile.json. One that an earlier run left behind has the same ARN and is replaced. */
async function createMachine(client: SFNClient, name: string, definition: Definition): Promise<string> {
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  for (const { stateMachineArn } of stateMachines.filter((one) => one.name === name)) {
    await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  }
  const roleArn = 'arn:aws:iam::000000000000:role/playlist-lake';
  const command = new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) });
  const { stateMachineArn = '' } = await client.send(command);
  return stateMachineArn;
}

async function runCase(client: SFNClient, machine: string, scenario: Scenario, pollMs: number): Promise<Observed> {
  const { executionArn = '' } = await client.send(
    new StartExecutionCommand({
      stateMachineArn: `${machine}#${scenario.name}`,
      // The run's name is in the history that is compared, and one that was used before is refused.
      name: `${scenario.name}-${Date.now()}`,
      input: JSON.stringify(scenario.input),
    }),
  );
  const deadline = Date.now() + CASE_MS;
  for (;;) {
    const { status = '', output } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING' && Date.now() < deadline) {
      await sleep(pollMs);
      continue;
    }
    const events: HistoryEvent[] = [];
    for await (const page of paginateGetExecutionHistory({ client }, { executionArn }))
      events.push(...(page.events ?? []));
    return { ...readHistory(events), status, executionArn, ...(output && { output: JSON.parse(output) }) };
  }
}

function readHistory(
  events: readonly HistoryEvent[],
): Pick<Observed, 'error' | 'cause' | 'path' | 'sent' | 'problems'> {
  const path: string[] = [];
  const sent: Record<string, unknown[]> = {};
  for (const { stateEnteredEventDetails, taskScheduledEventDetails } of events) {
    if (stateEnteredEventDetails?.name) path.push(stateEnteredEventDetails.name);
    if (!taskScheduledEventDetails) continue;
    const state = path.at(-1) ?? '';
    sent[state] = [...(sent[state] ?? []), JSON.parse(taskScheduledEventDetails.parameters ?? 'null')];
  }
  const { error, cause } =
    events.findLast((event) => event.executionFailedEventDetails)?.executionFailedEventDetails ?? {};
  return { error, cause, path, sent, problems: [] };
}

async function main(): Promise<void> {
  const engine = startEngine(process.env);
  if (typeof engine === 'string') {
    console.log(`skipped: no Step Functions Local here (${engine})`);
    return;
  }
  try {
    const scenarios = readScenarios();
    const results = await runOnSfnLocal({ endpoint: engine.endpoint, scenarios, definition: loadTestDefinition() });
    const failed = [...results].filter(([, problems]) => problems.length > 0);
    for (const [name, problems] of failed) for (const one of problems) console.error(`${name}: ${one.slice(0, 2000)}`);
    console.log(`Step Functions Local: ${results.size - failed.length} passed, ${failed.length} failed`);
    process.exitCode = failed.length > 0 ? 1 : 0;
  } finally {
    engine.stop();
  }
}

if (import.meta.main) await main();
