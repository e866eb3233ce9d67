import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { purgeOnAws } from '../../../infra/aws/purge.ts';
import { rebuildOnAws } from '../../../infra/aws/rebuild.ts';
import { describeStacks, REBUILD_MACHINE, run, STATE_MACHINE, stackWith } from '../../support/aws-commands.ts';
import { history, task } from '../../support/execution-history.ts';
import { type FakeAws, startFakeAws } from '../../support/fake-aws.ts';

const EXECUTION = `${REBUILD_MACHINE.replace('stateMachine', 'execution')}:rebuild-1`;
const ended = (end: 'Succeeded' | 'Failed', details: Record<string, string>) =>
  history(
    ...task('Plan'),
    { enter: 'TransformDates', kind: 'Map' },
    { exit: 'TransformDates', kind: 'Map' },
    { end, details },
  );

let aws: FakeAws;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.calls.length = 0;
  Object.assign(aws.handlers, {
    'cloudformation:DescribeStacks': describeStacks(),
    'states:StartExecution': () => ({ executionArn: EXECUTION, startDate: 1_795_000_000 }),
    'states:GetExecutionHistory': () => ({ events: ended('Succeeded', { output: '{"plan":{"isEmpty":false}}' }) }),
  });
});
const started = () => aws.calls.filter(({ action }) => action === 'states:StartExecution').map(({ input }) => input);

test('starts the rebuild machine for the range, and follows it to its end', async () => {
  const { code, stdout, stderr } = await run(rebuildOnAws, ['--aws', '--from', '2026-11-16'], aws);
  expect(code).toBe(0);
  const [{ stateMachineArn, name, input } = {}] = started();
  expect(stateMachineArn).toBe(REBUILD_MACHINE);
  expect(name).toMatch(/^rebuild-20261125T120000000Z-[0-9a-f]{8}$/);
  expect(JSON.parse(String(input))).toEqual({ from: '2026-11-16' });
  expect(stdout).toContain(EXECUTION);
  expect(stdout).toContain('Every date is published again');
  expect(stderr).toContain('many dates at once');
});

test('nothing to rebuild is a success that says so', async () => {
  const events = ended('Succeeded', { output: '{"plan":{"isEmpty":true}}' });
  aws.handlers['states:GetExecutionHistory'] = () => ({ events });
  expect(await run(rebuildOnAws, [], aws)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('nothing to rebuild'),
  });
});

test('dates that are left are named, in one line, with exit code 1', async () => {
  const cause = '1 of 2 dates keep the snapshot they had: 2026-11-16 (ValidationFailed: conservation)';
  aws.handlers['states:GetExecutionHistory'] = () => ({ events: ended('Failed', { error: 'DatesNotRebuilt', cause }) });
  const { code, stderr } = await run(rebuildOnAws, [], aws);
  expect(code).toBe(1);
  expect(stderr).toContain(`DatesNotRebuilt: ${cause}\n`);
});

test('--no-wait starts it and asks no more', async () => {
  expect(await run(rebuildOnAws, ['--no-wait'], aws)).toMatchObject({ code: 0 });
  expect(aws.calls.map(({ action }) => action)).not.toContain('states:GetExecutionHistory');
});

test.each([
  [rebuildOnAws, ['--to', '2026-02-30'], '2026-02-30'],
  [rebuildOnAws, ['--since', '2026-02-01'], '--since'],
  [purgeOnAws, [], '--playlist REF or --before DATE'],
  [purgeOnAws, ['--before', 'yesterday'], 'yesterday'],
  [purgeOnAws, ['--before', '2026-01-01', '--playlist', 'a'.repeat(22)], 'exclude'],
  [purgeOnAws, ['--playlist', 'my songs'], 'my songs'],
])('%# is refused in one line, before anything is called', async (command, argv, named) => {
  const { code, stderr } = await run(command, argv, aws);
  expect({ code, calls: aws.calls }).toEqual({ code: 2, calls: [] });
  expect(stderr).toContain(named);
  expect(stderr).toMatch(/^.+\n$/);
});

test.each([
  [rebuildOnAws, []],
  [purgeOnAws, ['--before', '2026-01-01']],
])('%#: a stack of an older version says to deploy', async (command, argv) => {
  aws.handlers['cloudformation:DescribeStacks'] = () => ({
    Stacks: [stackWith({ StateMachineArn: STATE_MACHINE, LakeBucketName: 'lake-bucket' })],
  });
  expect(await run(command, argv, aws)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/RebuildMachineArn.*npm run deploy\.\n$/),
  });
});

const EMPTY = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
const NO_VERSIONS = '<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>';

test('an empty lake has nothing to purge', async () => {
  Object.assign(aws.handlers, { 's3:ListBucket': () => EMPTY, 's3:ListBucketVersions': () => NO_VERSIONS });
  const { code, stdout } = await run(purgeOnAws, ['--before', '2026-01-01'], aws);
  expect([code, stdout]).toEqual([0, 'There is nothing of that in lake-bucket.\n']);
});

test.each([
  [{}, 's3:ListBucket'],
  [{ 's3:ListBucket': () => EMPTY }, 's3:ListBucketVersions'],
])('a permission that is missing is named in one line (%#)', async (handlers, action) => {
  for (const name of ['s3:ListBucket', 's3:ListBucketVersions']) delete aws.handlers[name];
  Object.assign(aws.handlers, handlers);
  const { code, stderr } = await run(purgeOnAws, ['--before', '2026-01-01'], aws);
  expect(code).toBe(1);
  expect(stderr).toContain(action);
  expect(stderr).toMatch(/^.+\n$/);
});

test('who is not at a terminal has to say --yes, and nothing is removed before', async () => {
  const marker =
    '<DeleteMarker><Key>raw/snapshot_date=2025-01-06/x</Key><VersionId>v</VersionId><IsLatest>true</IsLatest></DeleteMarker>';
  const versions = NO_VERSIONS.replace('</ListV', `${marker}</ListV`);
  Object.assign(aws.handlers, { 's3:ListBucket': () => EMPTY, 's3:ListBucketVersions': () => versions });
  const { code, stdout, stderr } = await run(purgeOnAws, ['--before', '2026-01-01'], aws);
  expect(code).toBe(1);
  expect(stdout).toContain('former versions that hold it or may hold it: 3');
  expect(stderr).toContain('--yes');
  expect(aws.calls.map((call) => call.action)).not.toContain('s3:DeleteObject');
});
