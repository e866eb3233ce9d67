import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { deploy } from '../../../infra/aws/deploy.ts';
import { destroy } from '../../../infra/aws/destroy.ts';
import { diff } from '../../../infra/aws/diff.ts';
import {
  callerIdentity,
  describeStacks,
  input,
  OUTPUTS,
  run,
  STACK_ID,
  stackWith,
  TOPIC,
} from '../../support/aws-commands.ts';
import { type FakeAws, startFakeAws } from '../../support/fake-aws.ts';

const ID = '37i9dQZF1DX4sWSpwq3LiO';
const TOOLKIT = { CDKToolkit: stackWith({ BootstrapVersion: '31' }) };

function cdkJson(playlistLake: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'cdk.json');
  writeFileSync(file, typeof playlistLake === 'string' ? playlistLake : JSON.stringify({ context: { playlistLake } }));
  return file;
}
const configFile = cdkJson({ playlists: [ID] });
const ELSEWHERE = 'arn:aws:secretsmanager:eu-west-1:210987654321:secret:spotify-AbCdEf';

let aws: FakeAws;
let stacks: Record<string, object>;
let cdk: { args: readonly string[]; env: Record<string, string> }[];
let cdkCode: number;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.calls.length = 0;
  stacks = { ...TOOLKIT };
  cdk = [];
  cdkCode = 0;
  Object.assign(aws.handlers, {
    'sts:GetCallerIdentity': callerIdentity,
    'cloudformation:DescribeStacks': (given: Readonly<Record<string, unknown>>) => describeStacks(stacks)(given),
  });
});

/** The CDK's command line: notes how it was called, and makes what it says it makes. */
const runCdk = async (args: readonly string[], env: Record<string, string>) => {
  cdk.push({ args, env });
  if (cdkCode === 0 && args[0] === 'deploy') stacks.PlaylistLake = stackWith(OUTPUTS);
  if (cdkCode === 0 && args[0] === 'bootstrap') Object.assign(stacks, TOOLKIT);
  return cdkCode;
};
const surroundings = { configFile, runCdk };
const at = (typed: string) => ({ ...surroundings, stdin: input(typed, true) });
const cdkCalls = () => cdk.map(({ args }) => args);

describe('the first deployment', () => {
  test('is agreed to, done in the region that was shown, and says what to do next', async () => {
    const { code, stdout, stderr } = await run(deploy, [], aws, at('y\r'));
    expect({ code, cdk }).toEqual({
      code: 0,
      cdk: [
        {
          args: ['deploy', '--require-approval', 'broadening'],
          env: { AWS_REGION: 'eu-central-1', AWS_DEFAULT_REGION: 'eu-central-1' },
        },
      ],
    });
    expect(stderr).toContain('account 123456789012, region eu-central-1');
    for (const words of ['npm run credentials', 'npm run run:aws', encodeURIComponent(STACK_ID)])
      expect(stdout).toContain(words);
  });

  test('into an account that is not meant stops before anything is made', async () => {
    const { code, stderr } = await run(deploy, [], aws, at('\r'));
    expect({ code, cdk }).toEqual({ code: 1, cdk: [] });
    expect(stderr).toContain('AWS_PROFILE');
  });

  test('without a terminal wants --yes, and asks nothing then', async () => {
    const asked = await run(deploy, [], aws, surroundings);
    expect({ code: asked.code, cdk }).toEqual({ code: 1, cdk: [] });
    expect(asked.stderr).toContain('--yes');
    expect((await run(deploy, ['--yes', '--profile', 'work'], aws, surroundings)).code).toBe(0);
    expect(cdkCalls()).toEqual([['deploy', '--require-approval', 'never', '--profile', 'work']]);
  });
});

describe('an account that is not bootstrapped', () => {
  beforeEach(() => {
    stacks = {};
  });

  test.each<[string, string[], string]>([
    ['is bootstrapped when the person agrees', [], 'y\ry\r'],
    ['is bootstrapped by --bootstrap', ['--bootstrap', '--yes'], ''],
  ])('%s', async (_name, argv, typed) => {
    const [first = '', second = ''] = typed.split('\r');
    const stdin = input(first ? `${first}\r` : '', true);
    // The second answer is typed when the second question has come.
    const stderr = { write: (chunk: unknown) => String(chunk).includes('CDKToolkit') && stdin.write(`${second}\r`) };
    const { code } = await run(deploy, argv, aws, { ...surroundings, stdin, stderr });
    expect(code).toBe(0);
    expect(cdkCalls().map(([command, where]) => [command, where])).toEqual([
      ['bootstrap', 'aws://123456789012/eu-central-1'],
      ['deploy', '--require-approval'],
    ]);
  });

  test('is said in one line where nobody can be asked', async () => {
    const { code, stderr } = await run(deploy, ['--yes'], aws, surroundings);
    expect({ code, cdk }).toEqual({ code: 1, cdk: [] });
    expect(stderr).toMatch(/CDKToolkit.*npm run deploy -- --bootstrap/);
  });

  test('by a version of long ago counts as not', async () => {
    stacks = { CDKToolkit: stackWith({ BootstrapVersion: '3' }) };
    const { code, stdout } = await run(deploy, ['--yes'], aws, surroundings);
    expect({ code, cdk }).toEqual({ code: 1, cdk: [] });
    expect(stdout).toContain('version 3');
  });
});

test('a later deployment is not asked about, and points to the status', async () => {
  stacks.PlaylistLake = stackWith(OUTPUTS);
  const { code, stdout } = await run(deploy, [], aws, surroundings);
  expect({ code, cdk: cdkCalls().length }).toEqual({ code: 0, cdk: 1 });
  expect(stdout).toContain('npm run status');
  expect(stdout).not.toContain('npm run credentials');
});

describe('whoever is to get alerts', () => {
  const emails = ['me@example.com', 'you@example.com', 'they@example.com'];
  const addressed = { ...surroundings, configFile: cdkJson({ playlists: [ID], alertEmails: emails }) };
  beforeEach(() => {
    // Two pages, and one that is no e-mail.
    aws.handlers['sns:ListSubscriptionsByTopic'] = ({ TopicArn, NextToken }) => ({
      Subscriptions: [
        NextToken
          ? { Protocol: 'email', Endpoint: 'you@example.com', SubscriptionArn: 'PendingConfirmation' }
          : { Protocol: 'email', Endpoint: 'me@example.com', SubscriptionArn: `${TopicArn}:5f0c` },
        { Protocol: 'https', Endpoint: 'they@example.com', SubscriptionArn: `${TopicArn}:77aa` },
      ],
      ...(NextToken ? {} : { NextToken: 'two' }),
    });
  });
  const toDo = (stdout: string) => stdout.split('\n').filter((line) => /@example\.com/.test(line));

  test.each([
    ['first', {}],
    ['later', { PlaylistLake: stackWith(OUTPUTS) }],
  ])('and has not confirmed is named, with the remedy, after a %s deployment', async (_name, there) => {
    Object.assign(stacks, there);
    const { code, stdout } = await run(deploy, ['--yes'], aws, addressed);
    expect({ code, lines: toDo(stdout) }).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(/(?:! |1\. )you@example\.com has not confirmed.*mail.*48 hours.*https:\S+sns/),
        expect.stringMatching(/(?:! |2\. )they@example\.com is not subscribed.*Create subscription.*https:\S+sns/),
      ],
    });
    expect(stdout).toContain(TOPIC);
    expect(stdout).toContain('dashboards/dashboard/PlaylistLake');
  });

  test('is named as well where the deployer may not look, and the deployment stands', async () => {
    delete aws.handlers['sns:ListSubscriptionsByTopic'];
    const { code, stdout } = await run(deploy, ['--yes'], aws, addressed);
    expect({ code, lines: toDo(stdout).length }).toEqual({ code: 0, lines: 1 });
    expect(stdout).toMatch(/me@example\.com.*not known.*sns:ListSubscriptionsByTopic/);
  });

  test('is nobody: that is said before anything is made, and after', async () => {
    const { stdout, stderr } = await run(deploy, ['--yes'], aws, surroundings);
    expect(stderr).toMatch(/alertEmails/);
    expect(stdout).toMatch(/1\. nobody hears of failures/);
  });
});

describe('what stops a deployment is one line, and the CDK is not started', () => {
  test.each<[string, number, object, RegExp]>([
    ['a configuration that is no JSON', 2, { configFile: cdkJson('{') }, /cdk\.json/],
    ['a key that is not known', 2, { configFile: cdkJson({ playlist: [] }) }, /playlist/],
    [
      "a secret of another account's region",
      2,
      { configFile: cdkJson({ playlists: [ID], secretArn: ELSEWHERE }) },
      /secretArn.*account 210987654321, region eu-west-1.*123456789012, region eu-central-1.*AWS_PROFILE/,
    ],
    ['no playlist', 2, { configFile: cdkJson({}) }, /playlists.*at least one/],
    ['an old Node', 1, { nodeVersion: '20.20.2' }, /Node 20\.20\.2.*24.*npm run/],
  ])('%s', async (_name, expected, more, line) => {
    const { code, stderr } = await run(deploy, ['--yes'], aws, { ...surroundings, ...more });
    expect({ code, cdk }).toEqual({ code: expected, cdk: [] });
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^.+\n$/);
  });

  test('a deployment that is going on', async () => {
    stacks.PlaylistLake = { StackStatus: 'UPDATE_IN_PROGRESS' };
    const { code, stderr } = await run(deploy, ['--yes'], aws, surroundings);
    expect({ code, cdk }).toEqual({ code: 1, cdk: [] });
    expect(stderr).toMatch(/UPDATE_IN_PROGRESS: wait/);
  });

  test('another stack than the configured one', async () => {
    const { code, stderr } = await run(deploy, ['--stack', 'Other'], aws, surroundings);
    expect({ code, cdk }).toEqual({ code: 2, cdk: [] });
    expect(stderr).toMatch(/PlaylistLake.*--stack Other/);
  });
});

test('a CDK that fails is code 1', async () => {
  cdkCode = 7;
  const { code, stderr } = await run(deploy, ['--yes'], aws, surroundings);
  expect(code).toBe(1);
  expect(stderr).toContain('code 7');
});

test('npm run diff hands over to the CDK', async () => {
  expect((await run(diff, ['--profile', 'work'], aws, surroundings)).code).toBe(0);
  expect(cdkCalls()).toEqual([['diff', '--profile', 'work']]);
  cdkCode = 3;
  expect((await run(diff, [], aws, surroundings)).code).toBe(1);
});

describe('destroying', () => {
  const kept = { DeletionPolicy: 'Retain' };
  const summary = (LogicalResourceId: string, ResourceType: string) => ({
    LogicalResourceId,
    PhysicalResourceId: `name-of-${LogicalResourceId}`,
    ResourceType,
    ResourceStatus: 'CREATE_COMPLETE',
    LastUpdatedTimestamp: '2026-11-01T00:00:00Z',
  });
  beforeEach(() => {
    stacks.PlaylistLake = { ...stackWith(OUTPUTS), EnableTerminationProtection: true };
    Object.assign(aws.handlers, {
      'cloudformation:GetTemplate': () => ({
        TemplateBody: JSON.stringify({ Resources: { Lake: kept, Rule: { DeletionPolicy: 'Delete' } } }),
      }),
      'cloudformation:ListStackResources': () => ({
        StackResourceSummaries: [summary('Lake', 'AWS::S3::Bucket'), summary('Rule', 'AWS::Events::Rule')],
      }),
      'cloudformation:UpdateTerminationProtection': () => ({ StackId: STACK_ID }),
    });
  });
  const protections = () =>
    aws.calls.flatMap(({ action, input: { EnableTerminationProtection } }) =>
      action === 'cloudformation:UpdateTerminationProtection' ? [EnableTerminationProtection] : [],
    );

  test('says what stays and why, wants the protection taken away, and the name typed', async () => {
    const refused = await run(destroy, [], aws, at('PlaylistLake\r'));
    expect({ code: refused.code, cdk }).toEqual({ code: 1, cdk: [] });
    expect(refused.stdout).toMatch(/name-of-Lake: your snapshots/);
    expect(refused.stdout).not.toContain('name-of-Rule');
    expect(refused.stderr).toContain('--unprotect');

    expect((await run(destroy, ['--unprotect'], aws, at('PlaylistLake\r'))).code).toBe(0);
    expect({ cdk: cdkCalls(), protections: protections() }).toEqual({
      cdk: [['destroy', '--force']],
      protections: ['false'],
    });
  });

  test.each([
    ['another name', at('yes\r')],
    ['nobody at the terminal', surroundings],
  ])('%s: nothing is changed', async (_name, more) => {
    const { code } = await run(destroy, ['--unprotect'], aws, more);
    expect({ code, cdk, protections: protections() }).toEqual({ code: 1, cdk: [], protections: [] });
  });

  test('that fails puts the protection back', async () => {
    cdkCode = 1;
    expect((await run(destroy, ['--unprotect', '--yes'], aws, surroundings)).code).toBe(1);
    expect(protections()).toEqual(['false', 'true']);
  });

  test('where there is no stack', async () => {
    delete stacks.PlaylistLake;
    const { code, stderr } = await run(destroy, [], aws, surroundings);
    expect({ code, cdk }).toEqual({ code: 1, cdk: [] });
    expect(stderr).toMatch(/nothing to destroy/);
  });
});
