import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runOnAws } from '../../../infra/aws/run.ts';
import type { MachineEvent, Outcome } from '../../../infra/local/machine.ts';
import { describeStacks, run, STATE_MACHINE } from '../../support/aws-commands.ts';
import { history, task } from '../../support/execution-history.ts';
import { type FakeAws, startFakeAws } from '../../support/fake-aws.ts';

const EXECUTION = 'arn:aws:states:eu-central-1:123456789012:execution:PlaylistLake:manual-1';
const ID = '37i9dQZF1DX4sWSpwq3LiO';
const OUTPUT = { prepare: { mode: 'snapshot', snapshotDate: '2026-11-23' } };

const SUCCESS = history(
  ...task('Prepare'),
  { enter: 'Extract' },
  { scheduled: true },
  { taskFailed: 'SpotifyUnavailableError' },
  { scheduled: true },
  { taskTimedOut: true },
  { scheduled: true },
  { exit: 'Extract', output: { extract: { entries: 3 } } },
  { enter: 'CheckExtract', kind: 'Choice' },
  { exit: 'CheckExtract', kind: 'Choice' },
  { enter: 'Done', kind: 'Succeed' },
  { exit: 'Done', kind: 'Succeed' },
  { end: 'Succeeded', details: { output: JSON.stringify(OUTPUT) } },
);

let aws: FakeAws;
let seen: { events: MachineEvent[]; ends: Outcome[] };
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.calls.length = 0;
  seen = { events: [], ends: [] };
  Object.assign(aws.handlers, {
    'cloudformation:DescribeStacks': describeStacks(),
    'states:StartExecution': () => ({ executionArn: EXECUTION, startDate: 1_795_000_000 }),
    'states:GetExecutionHistory': () => ({ events: SUCCESS }),
  });
});

const showProgress = () => ({
  onEvent: (event: MachineEvent) => void seen.events.push(event),
  say: () => {},
  end: async (outcome: Outcome) => void seen.ends.push(outcome),
});
const runs = (argv: string[], more = {}) => run(runOnAws, argv, aws, { showProgress, ...more });
const started = () => aws.calls.filter(({ action }) => action === 'states:StartExecution').map((call) => call.input);

describe('the input of the execution', () => {
  test.each<[string[], object]>([
    [[], {}],
    [
      ['--snapshot-date', '2026-11-23', '--playlist', `spotify:playlist:${ID}`],
      { snapshotDate: '2026-11-23', playlists: [ID] },
    ],
    [['--snapshot-date', '2026-11-23', '--from-raw', '--wait'], { snapshotDate: '2026-11-23', fromRaw: true }],
    [['--validate-only'], { validateOnly: true }],
  ])('%j', async (argv, wanted) => {
    expect(await runs(argv)).toMatchObject({ code: 0, stderr: '' });
    const [{ stateMachineArn, name, input } = {}] = started();
    expect(stateMachineArn).toBe(STATE_MACHINE);
    expect(name).toMatch(/^manual-20261125T120000000Z-[0-9a-f]{8}$/);
    expect(JSON.parse(String(input))).toEqual(wanted);
  });

  test.each([
    [['--snapshot-date', '2026-02-30'], '2026-02-30'],
    [['--playlist', 'my songs'], 'my songs'],
    [['--from-raw', '--validate-only'], 'exclude'],
    [['--playlist', ID, '--from-raw'], '--playlist'],
    [['--snapshot', '2026-11-23'], '--snapshot'],
    [['now'], 'options only'],
  ])('%j is refused before anything is called', async (argv, named) => {
    const { code, stderr } = await runs(argv);
    expect({ code, calls: aws.calls }).toEqual({ code: 2, calls: [] });
    expect(stderr).toContain(named);
    expect(stderr).toMatch(/^.+\n$/);
  });
});

describe('following', () => {
  test('the events in the words of the local machine, retries counted', async () => {
    const { code, stdout } = await runs([]);
    expect(code).toBe(0);
    expect(stdout).toContain(`/states/home?region=eu-central-1#/v2/executions/details/${EXECUTION}`);
    expect(stdout).toMatch(/2026-11-23 is published/);
    expect(seen.events.map(({ type, state, ...more }) => [type, state, ...Object.values(more)])).toEqual([
      ['entered', 'Prepare'],
      ['exited', 'Prepare', {}],
      ['entered', 'Extract'],
      ['failed', 'Extract', 'SpotifyUnavailableError'],
      ['retried', 'Extract', 1],
      ['failed', 'Extract', 'States.Timeout'],
      ['retried', 'Extract', 2],
      ['exited', 'Extract', { extract: { entries: 3 } }],
      ['entered', 'CheckExtract'],
      ['exited', 'CheckExtract', {}],
      ['entered', 'Done'],
      ['exited', 'Done', {}],
    ]);
    expect(seen.ends).toEqual([{ status: 'SUCCEEDED', output: OUTPUT }]);
  });

  test('a history that grows, over pages: each event once', async () => {
    let length = 0;
    aws.handlers['states:GetExecutionHistory'] = ({ nextToken = '0' }) => {
      length += 2;
      const from = Number(nextToken);
      const page = SUCCESS.slice(from, Math.min(from + 4, length));
      return { events: page, ...(length > from + 4 ? { nextToken: String(from + 4) } : {}) };
    };
    expect((await runs([])).code).toBe(0);
    const complete = seen.events;
    seen = { events: [], ends: [] };
    aws.handlers['states:GetExecutionHistory'] = () => ({ events: SUCCESS });
    await runs([]);
    expect(complete).toEqual(seen.events);
  });

  test.each<[string, Record<string, string>, string]>([
    [
      'Failed',
      { error: 'SpotifyAuthError', cause: JSON.stringify({ errorMessage: 'consent\nexpired' }) },
      'SpotifyAuthError: consent expired',
    ],
    ['TimedOut', {}, 'TIMED_OUT: States.Timeout'],
    ['Aborted', {}, 'Aborted: somebody stopped'],
  ])('%s is code 1 and says why', async (end, details, words) => {
    const events = history(...task('Prepare'), { end: end as 'Failed', details });
    aws.handlers['states:GetExecutionHistory'] = () => ({ events });
    const { code, stderr } = await runs([]);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(stderr).toContain('docs/runbook.md');
  });

  test('Ctrl-C ends the watching and says that the run goes on', async () => {
    const controller = new AbortController();
    aws.handlers['states:GetExecutionHistory'] = () => ({ events: SUCCESS.slice(0, 3) });
    const sleep = async () => controller.abort();
    const { code, stderr } = await runs([], { sleep, interrupt: controller.signal });
    expect({ code, ends: seen.ends.length }).toEqual({ code: 0, ends: 1 });
    expect(stderr).toContain('npm run status');
  });

  test('the display ends when the watching is denied', async () => {
    delete aws.handlers['states:GetExecutionHistory'];
    const { code, stderr } = await runs([]);
    expect({ code, ends: seen.ends.length }).toEqual({ code: 1, ends: 1 });
    expect(stderr).toContain('states:GetExecutionHistory');
    expect(stderr).toContain('the run goes on');
  });
});

test('--no-wait only starts it', async () => {
  const { code, stdout } = await runs(['--no-wait']);
  expect({ code, calls: aws.calls.map(({ action }) => action) }).toEqual({
    code: 0,
    calls: ['cloudformation:DescribeStacks', 'states:StartExecution'],
  });
  expect(stdout).toContain(EXECUTION);
});
