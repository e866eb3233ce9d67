import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmbeddedRun, runEmbedded } from './embedded.ts';
import { readMockConfig } from './mocks.ts';
import { loadTestDefinition, readScenarios } from './scenarios.ts';
import { runOnSfnLocal, withShortWaits } from './sfn-local.ts';
import { startEngine } from './sfn-local-engine.ts';

/** Stands for Step Functions Local, which cannot be had everywhere: its API, with the embedded engine behind it. */
const DEFINITION = loadTestDefinition();
const SCENARIOS = readScenarios().filter(({ name }) => ['WeeklyRun', 'CauseAbsent', 'AlertNeverSent'].includes(name));
const created: { name: string; StartAt: string }[] = [];
let server: Server;
let calls = 0;

const api: Record<string, (body: Record<string, string>) => Promise<object> | object> = {
  ListStateMachines: () => ({ stateMachines: [{ name: 'PlaylistLake', stateMachineArn: 'old', type: 'STANDARD' }] }),
  DeleteStateMachine: () => ({}),
  CreateStateMachine: ({ name = '', definition = '' }) => {
    created.push({ name, StartAt: JSON.parse(definition).StartAt });
    return { stateMachineArn: `arn:aws:states:us-east-1:123456789012:stateMachine:${name}`, creationDate: 0 };
  },
  StartExecution: ({ stateMachineArn = '', name }) => ({ executionArn: `${stateMachineArn}:${name}`, startDate: 0 }),
  DescribeExecution: async ({ executionArn = '' }) => {
    const { status, output } = await run(executionArn);
    return { status, ...(output !== undefined && { output: JSON.stringify(output) }) };
  },
  GetExecutionHistory: async ({ executionArn = '' }) => {
    const { path, sent, error, cause } = await run(executionArn);
    const events = path.flatMap((state) => {
      const scheduled = (sent[state] ?? []).map((parameters) => ({
        taskScheduledEventDetails: { parameters: JSON.stringify(parameters) },
      }));
      return [{ stateEnteredEventDetails: { name: state } }, ...scheduled];
    });
    return { events: [...events, { executionFailedEventDetails: { error, cause } }] };
  },
};

/** The execution's ARN is the machine's, `#`, the case, `:`, and the run's name. */
async function run(executionArn: string) {
  const name = /#(\w+):/.exec(executionArn)?.[1];
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (!scenario) throw new Error(`no case in ${executionArn}`);
  const embedded = await runEmbedded(DEFINITION, scenario, readMockConfig());
  const text = JSON.stringify(embedded)
    .replaceAll(embedded.executionArn, executionArn)
    .replaceAll(`"${scenario.name}"`, `"${executionArn.split(':').at(-1)}"`);
  return JSON.parse(text) as EmbeddedRun;
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    calls += 1;
    if (calls <= 2) return void request.socket.destroy();
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const answer = await api[action]?.(JSON.parse(body));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(() => new Promise((closed) => server.close(closed)));

test('each case is started by its name, its history read and held against the table', async () => {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wrong = SCENARIOS.map((one) =>
    one.name === 'WeeklyRun' ? { ...one, expect: { ...one.expect, path: 'Begin' } } : one,
  );
  const results = await runOnSfnLocal({ endpoint, scenarios: wrong, definition: DEFINITION, pollMs: 10 });
  expect(results.get('CauseAbsent')).toEqual([]);
  expect(results.get('AlertNeverSent')).toEqual([]);
  expect(results.get('WeeklyRun')?.some((problem) => problem.startsWith('path: expected "Begin"'))).toBe(true);
  expect(created).toEqual([
    { name: 'PlaylistLake', StartAt: 'Begin' },
    { name: 'PlaylistLakeFailurePath', StartAt: 'CheckCause' },
  ]);
});

test('only waits and retry intervals are shortened', () => {
  const short = withShortWaits(DEFINITION) as unknown as Record<'States', Record<string, Record<string, unknown>>>;
  expect(short.States.WaitForCrawler).toEqual({ ...DEFINITION.States.WaitForCrawler, Seconds: 1 });
  expect(short.States.Extract?.TimeoutSeconds).toBe(930);
  expect(short.States.StartCrawler?.Retry).toEqual([
    expect.objectContaining({ IntervalSeconds: 1, MaxAttempts: 40 }),
    expect.objectContaining({ IntervalSeconds: 1, BackoffRate: 1, MaxDelaySeconds: 2, MaxAttempts: 4 }),
  ]);
});

test('an endpoint is taken as it is; a jar that is not there is named', () => {
  expect(startEngine({ SFN_ENDPOINT: 'http://127.0.0.1:1' })).toMatchObject({ endpoint: 'http://127.0.0.1:1' });
  expect(() => startEngine({ SFN_LOCAL_JAR: '/nowhere/sfn.jar' })).toThrow('/nowhere/sfn.jar');
});
