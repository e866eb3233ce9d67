import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { credentials } from '../../../infra/aws/credentials.ts';
import { describeStacks, OUTPUTS, run, stackWith } from '../../support/aws-commands.ts';
import { AwsRefusal, type FakeAws, startFakeAws } from '../../support/fake-aws.ts';

let aws: FakeAws;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());

const failWith = (code: string, message = 'no') => {
  aws.handlers['cloudformation:DescribeStacks'] = () => {
    throw new AwsRefusal(code, message);
  };
};
const lineOf = async (more = {}) => {
  const { code, stdout, stderr } = await run(credentials, [], aws, more);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^.+\n$/);
  return stderr;
};

describe('what AWS refuses is one line with a remedy', () => {
  test.each([
    ['ExpiredToken', /expired.*aws sso login/],
    ['InvalidClientTokenId', /does not accept the credentials.*key/],
    ['SignatureDoesNotMatch', /does not accept the credentials.*clock/],
    ['Throttling', /slow down/],
    ['SomethingNew', /SomethingNew: no/],
  ])('%s', async (code, line) => {
    failWith(code);
    expect(await lineOf()).toMatch(line);
  });

  test('a denied call names who, the action, the resource, and where the list of permissions is', async () => {
    delete aws.handlers['cloudformation:DescribeStacks'];
    expect(await lineOf()).toBe(
      'arn:aws:iam::123456789012:user/somebody is not allowed cloudformation:DescribeStacks on arn:aws:x:::y. ' +
        'What this command needs: npm run credentials -- --help\n',
    );
  });

  test('denied in other words', async () => {
    failWith('AccessDeniedException', 'User is not authorized\nto access this resource');
    expect(await lineOf()).toMatch(/denies access.*to access this resource.*--help/);
  });
});

describe('before AWS is reached', () => {
  const NO_REGION = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'x' };
  const KEYS = { ...NO_REGION, AWS_REGION: 'eu-central-1' };

  const SSO = `[profile sso]
region = eu-central-1
sso_session = work
sso_account_id = 123456789012
sso_role_name = admin
[sso-session work]
sso_region = eu-central-1
sso_start_url = https://example.awsapps.com/start
`;

  /** The real search for credentials and a region, in a process with an empty home and no metadata service. */
  async function inOwnHome(env: Record<string, string>) {
    const home = mkdtempSync(join(tmpdir(), 'home-'));
    mkdirSync(join(home, '.aws'));
    writeFileSync(join(home, '.aws', 'config'), SSO);
    const file = new URL('../../../infra/aws/credentials.ts', import.meta.url).pathname;
    const own = { AWS_MAX_ATTEMPTS: '1', HOME: home, AWS_EC2_METADATA_DISABLED: 'true', AWS_ENDPOINT_URL: aws.url };
    const child = spawn(process.execPath, [file], { env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    return { code, stderr };
  }

  const CASES: Record<string, [Record<string, string>, RegExp]> = {
    'no credentials': [{ AWS_REGION: 'eu-central-1' }, /^No AWS credentials were found: .*AWS_PROFILE.*\n$/],
    'a profile that is not there': [
      { AWS_REGION: 'eu-central-1', AWS_PROFILE: 'work' },
      /^No AWS credentials were found in profile work: .*\n$/,
    ],
    'nobody has logged in': [{ AWS_PROFILE: 'sso' }, /^The AWS session has expired: log in \(aws sso login.*\n$/],
    'a port nobody listens on': [{ ...KEYS, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, /reached \(ECONNREFUSED\).*\n$/],
    'a host that is not there': [{ ...KEYS, AWS_ENDPOINT_URL: 'http://aws.invalid' }, /invalid is not found|reached/],
    'no region': [NO_REGION, /^No AWS region is set.*AWS_REGION=.*\n$/],
    'a region that is none': [{ ...NO_REGION, AWS_REGION: 'Frank furt' }, /^No AWS region is set, or it is none.*\n$/],
  };

  // All at once: each process spends most of its time on starting.
  const ended = new Map<string, Awaited<ReturnType<typeof inOwnHome>>>();
  beforeAll(async () => {
    const runs = Object.entries(CASES).map(async ([name, [env]]) => ended.set(name, await inOwnHome(env)));
    await Promise.all(runs);
  }, 30_000);

  test.each(Object.keys(CASES))('%s', (name) => {
    const { code, stderr } = ended.get(name) ?? {};
    expect(code).toBe(1);
    expect(stderr).toMatch(CASES[name]?.[1] ?? /^$/);
    expect(stderr).toMatch(/^.+\n$/);
  });
});

test('--stack names another stack', async () => {
  const asked: unknown[] = [];
  aws.handlers['cloudformation:DescribeStacks'] = ({ StackName }) => {
    asked.push(StackName);
    throw new AwsRefusal('Throttling', 'no');
  };
  await run(credentials, ['--stack', 'PlaylistLake-dev'], aws);
  expect(asked).toEqual(['PlaylistLake-dev']);
});

describe('a stack that is not ready', () => {
  test.each<[string, object, RegExp]>([
    ['without an output', { Outputs: [] }, /no output SecretArn.*npm run deploy/],
    ['that is being made', { Outputs: [], StackStatus: 'CREATE_IN_PROGRESS' }, /CREATE_IN_PROGRESS: wait/],
    ['of which there is only a change set', { StackStatus: 'REVIEW_IN_PROGRESS' }, /There is no stack/],
  ])('%s', async (_name, stack, line) => {
    aws.handlers['sts:GetCallerIdentity'] = () => ({ Account: '123456789012' });
    aws.handlers['cloudformation:DescribeStacks'] = describeStacks({
      PlaylistLake: { ...stackWith(OUTPUTS), ...stack },
    });
    expect(await lineOf()).toMatch(line);
  });
});
