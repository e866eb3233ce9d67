import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { status } from '../../../infra/aws/status.ts';
import { describeStacks, run, TOPIC } from '../../support/aws-commands.ts';
import { AwsRefusal, type FakeAws, startFakeAws } from '../../support/fake-aws.ts';

const rule = (properties: object = {}) => ({
  Type: 'AWS::Events::Rule',
  Properties: { ScheduleExpression: 'cron(0 6 ? * MON *)', State: 'ENABLED', ...properties },
});
const TEMPLATE = {
  Resources: {
    WeeklyRule: rule(),
    AlertEmail: { Type: 'AWS::SNS::Subscription', Properties: { Protocol: 'email', Endpoint: 'me@example.com' } },
  },
};
const RESOURCES = [
  ['WeeklyRule', 'rule-1', 'AWS::Events::Rule'],
  ['AlertEmail', 'sub-1', 'AWS::SNS::Subscription'],
];
const seconds = (text: string) => Date.parse(text) / 1000;
const FAILED_RUN = 'arn:aws:states:eu-central-1:123456789012:execution:PlaylistLake:weekly-2';

let aws: FakeAws;
let template: object;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.calls.length = 0;
  template = TEMPLATE;
  const summary = ([LogicalResourceId, PhysicalResourceId, ResourceType]: string[]) => ({
    LogicalResourceId,
    PhysicalResourceId,
    ResourceType,
    ResourceStatus: 'CREATE_COMPLETE',
    LastUpdatedTimestamp: '2026-11-01T00:00:00Z',
  });
  Object.assign(aws.handlers, {
    'cloudformation:DescribeStacks': describeStacks(),
    'cloudformation:GetTemplate': () => ({ TemplateBody: JSON.stringify(template) }),
    // Two pages: the alarm is on the second.
    'cloudformation:ListStackResources': ({ NextToken }: Readonly<Record<string, unknown>>) =>
      NextToken
        ? { StackResourceSummaries: [summary(['Failed', 'PlaylistLake-Failed', 'AWS::CloudWatch::Alarm'])] }
        : { StackResourceSummaries: RESOURCES.map(summary), NextToken: 'two' },
    'states:ListExecutions': () => ({
      executions: [
        {
          executionArn: FAILED_RUN,
          name: 'weekly-2',
          status: 'FAILED',
          startDate: seconds('2026-11-23T06:00:00Z'),
          stopDate: seconds('2026-11-23T06:03:20Z'),
        },
        {
          name: 'weekly-1',
          status: 'SUCCEEDED',
          startDate: seconds('2026-11-16T06:00:00Z'),
          stopDate: seconds('2026-11-16T06:00:40Z'),
        },
      ],
    }),
    'states:DescribeExecution': () => ({
      error: 'SpotifyAuthError',
      cause: JSON.stringify({ errorType: 'SpotifyAuthError', errorMessage: 'consent expired' }),
    }),
    'cloudwatch:DescribeAlarms': ({ AlarmNames }: Readonly<Record<string, unknown>>) => ({
      MetricAlarms: [
        {
          AlarmName: (AlarmNames as string[])[0],
          StateValue: 'ALARM',
          StateUpdatedTimestamp: seconds('2026-11-23T06:04:00Z'),
          AlarmDescription: 'A run failed. docs/runbook.md#failed',
        },
      ],
    }),
    'sns:ListSubscriptionsByTopic': () => subscribed(`${TOPIC}:5f0c`),
    'secretsmanager:GetSecretValue': () => ({
      SecretString: JSON.stringify({
        client_id: 'c',
        refresh_token: 'very-secret',
        authorized_at: '2026-11-20T00:00:00Z',
      }),
    }),
  });
});

const subscribed = (SubscriptionArn: string) => ({
  Subscriptions: [{ Protocol: 'email', Endpoint: 'me@example.com', SubscriptionArn, TopicArn: TOPIC }],
});
const secret = (value: unknown) => {
  aws.handlers['secretsmanager:GetSecretValue'] = () => ({ SecretString: JSON.stringify(value) });
};
/** The lines under a title. */
async function part(title: string) {
  const { code, stdout } = await run(status, [], aws);
  const lines = stdout.split(`\n${title}\n`)[1]?.split('\n\n')[0] ?? '';
  return { code, lines };
}

test('all there is to know', async () => {
  expect(await run(status, [], aws)).toEqual({
    code: 0,
    stderr: '',
    stdout: `Stack PlaylistLake, account 123456789012, region eu-central-1: CREATE_COMPLETE

Last runs
  ! 2026-11-23 06:00 UTC  FAILED in 3 min  weekly-2
      SpotifyAuthError: consent expired
  2026-11-16 06:00 UTC  SUCCEEDED in 40 s  weekly-1

Next run
  2026-11-30 06:00 UTC, then every week

Alarms
  ! PlaylistLake-Failed, since 2026-11-23 06:04 UTC: A run failed. docs/runbook.md#failed

Spotify token
  175 days left of the consent of 2026-11-20

Alert e-mails
  me@example.com is confirmed
`,
  });
});

describe('what asks for something', () => {
  test.each<[string, unknown, RegExp]>([
    ['the placeholder', { placeholder: true }, /! .*placeholder: npm run credentials/],
    ['no secret of ours', 'x', /! .*form.*npm run credentials/],
    [
      'a consent of long ago',
      { client_id: 'c', refresh_token: 't', authorized_at: '2026-01-01T00:00:00Z' },
      /! .*has ended/,
    ],
    [
      'a consent that ends soon, beside a remark',
      { note: 'x', client_id: 'c', refresh_token: 't', authorized_at: '2026-06-10' },
      /! 14 days left/,
    ],
    ['no day of consent', { client_id: 'c', refresh_token: 't' }, /nobody noted/],
  ])('%s', async (_name, value, line) => {
    secret(value);
    expect((await part('Spotify token')).lines).toMatch(line);
  });

  test('no run yet', async () => {
    aws.handlers['states:ListExecutions'] = () => ({ executions: [] });
    expect((await part('Last runs')).lines).toMatch(/^ {2}! none yet.*npm run run:aws$/);
  });

  test('a rule that is switched off, one of another form, and none', async () => {
    template = { Resources: { ...TEMPLATE.Resources, WeeklyRule: rule({ State: 'DISABLED' }) } };
    expect((await part('Next run')).lines).toMatch(/! .*switched off/);
    template = { Resources: { ...TEMPLATE.Resources, WeeklyRule: rule({ ScheduleExpression: 'rate(7 days)' }) } };
    expect((await part('Next run')).lines).toBe('  rate(7 days)');
    template = { Resources: {} };
    expect((await part('Next run')).lines).toMatch(/! .*no weekly rule/);
    expect((await part('Alert e-mails')).lines).toMatch(/! .*alertEmails/);
  });

  test.each<[string, object, RegExp]>([
    [
      'not confirmed yet',
      subscribed('PendingConfirmation'),
      /! me@example\.com has not confirmed.*Request confirmation/,
    ],
    ['unsubscribed', subscribed('Deleted'), /! me@example\.com is not subscribed.*Create subscription/],
    ['removed by AWS after 48 hours', {}, /! me@example\.com is not subscribed/],
    ['another one', { Subscriptions: [{ Protocol: 'email', Endpoint: 'x@y.z', SubscriptionArn: 'arn:x' }] }, /! me@/],
  ])('an alert e-mail that is %s', async (_name, answer, line) => {
    aws.handlers['sns:ListSubscriptionsByTopic'] = () => answer;
    const { lines } = await part('Alert e-mails');
    expect(lines).toMatch(line);
    expect(lines).toContain(`#/topic/${TOPIC}`);
  });

  test('alarms at rest', async () => {
    aws.handlers['cloudwatch:DescribeAlarms'] = () => ({ MetricAlarms: [{ AlarmName: 'a', StateValue: 'OK' }] });
    expect((await part('Alarms')).lines).toBe('  none of 1 in ALARM');
  });
});

test('a part that is denied says so in its place, the rest is shown, and the code is 1', async () => {
  delete aws.handlers['secretsmanager:GetSecretValue'];
  aws.handlers['states:ListExecutions'] = () => {
    throw new AwsRefusal('StateMachineDoesNotExist', 'State Machine Does Not Exist');
  };
  expect(await part('Spotify token')).toEqual({
    code: 1,
    lines: expect.stringContaining('secretsmanager:GetSecretValue'),
  });
  expect((await part('Last runs')).lines).toContain('Does Not Exist');
  expect((await part('Next run')).lines).toContain('2026-11-30');
});

test('nothing of the secret is shown', async () => {
  const { stdout, stderr } = await run(status, [], aws);
  expect(stdout + stderr).not.toContain('very-secret');
});
