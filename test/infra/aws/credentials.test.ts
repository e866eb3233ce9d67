import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { credentials } from '../../../infra/aws/credentials.ts';
import { describeStacks, input, run, SECRET } from '../../support/aws-commands.ts';
import { AwsRefusal, type FakeAws, startFakeAws } from '../../support/fake-aws.ts';

const TOKEN = 'AQD-very-secret-refresh-token';
const CLIENT_SECRET = 'very-secret-client-secret';

let aws: FakeAws;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.calls.length = 0;
  Object.assign(aws.handlers, {
    'cloudformation:DescribeStacks': describeStacks(),
    'secretsmanager:PutSecretValue': () => ({}),
  });
});

const put = () =>
  aws.calls.filter(({ action }) => action === 'secretsmanager:PutSecretValue').map((call) => call.input);

describe('at a terminal', () => {
  test('the answers go into the secret and nothing secret is shown', async () => {
    const stdin = input(`client\r${TOKEN}\r${CLIENT_SECRET}\r2026-11-20\r`, true);
    const { code, stdout, stderr } = await run(credentials, [], aws, { stdin });
    expect({
      code,
      put: put().map(({ SecretId, SecretString }) => [SecretId, JSON.parse(String(SecretString))]),
    }).toEqual({
      code: 0,
      put: [
        [
          SECRET,
          {
            client_id: 'client',
            refresh_token: TOKEN,
            client_secret: CLIENT_SECRET,
            authorized_at: '2026-11-20T00:00:00.000Z',
          },
        ],
      ],
    });
    expect(stderr).toContain('client');
    expect(stdout + stderr).not.toMatch(/very-secret/);
  });

  test('a client secret is optional, and the consent was today', async () => {
    await run(credentials, [], aws, { stdin: input(`client\r${TOKEN}\r\r\r`, true) });
    expect(JSON.parse(String(put()[0]?.SecretString))).toEqual({
      client_id: 'client',
      refresh_token: TOKEN,
      authorized_at: '2026-11-25T00:00:00.000Z',
    });
  });

  test.each([
    ['no client ID', `\r${TOKEN}\r\r\r`, 'client_id'],
    ['neither token nor secret', 'client\r\r\r\r', 'refresh_token'],
    ['a token with a space', `client\r${TOKEN} x\r\r\r`, 'refresh_token'],
    ['no date', `client\r${TOKEN}\r\rtoday\r`, 'authorized_at'],
    ['Ctrl-C', `client\r\u0003`, 'Cancelled'],
  ])('%s: code 1, nothing is put', async (_name, typed, names) => {
    const { code, stderr } = await run(credentials, [], aws, { stdin: input(typed, true) });
    expect({ code, put: put() }).toEqual({ code: 1, put: [] });
    expect(stderr).toContain(names);
    expect(stderr).not.toMatch(/very-secret/);
  });

  test('what AWS says of the secret is not shown', async () => {
    aws.handlers['secretsmanager:PutSecretValue'] = ({ SecretString }) => {
      throw new AwsRefusal('InvalidParameterException', `cannot take ${SecretString}`);
    };
    const stdin = input(`client\r${TOKEN}\r\r\r`, true);
    const { code, stderr } = await run(credentials, [], aws, { stdin, env: { DEBUG: '1' } });
    expect(code).toBe(1);
    expect(stderr).toContain('InvalidParameterException');
    expect(stderr).not.toMatch(/very-secret/);
  });

  test('nobody is asked when there is no stack', async () => {
    aws.handlers['cloudformation:DescribeStacks'] = describeStacks({});
    aws.handlers['sts:GetCallerIdentity'] = () => ({ Account: '123456789012' });
    const { code, stderr } = await run(credentials, [], aws, { stdin: input('', true) });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^There is no stack PlaylistLake in account 123456789012, region eu-central-1: .*deploy.*\n$/,
    );
  });
});

describe('through a pipe', () => {
  test('JSON is taken', async () => {
    const stdin = input(JSON.stringify({ client_id: 'client', refresh_token: TOKEN }));
    expect(await run(credentials, [], aws, { stdin })).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(String(put()[0]?.SecretString))).toMatchObject({ authorized_at: '2026-11-25T12:00:00.000Z' });
  });

  test.each([
    ['nothing', '', 2, 'terminal'],
    ['no JSON', `{"refresh_token": "${TOKEN}`, 2, 'not JSON'],
    ['an unknown field', JSON.stringify({ client_id: 'c', refresh_token: TOKEN, [TOKEN]: 1 }), 1, 'not known'],
    ['a number', JSON.stringify({ client_id: 7, refresh_token: TOKEN }), 1, 'client_id'],
  ])('%s: one line, nothing is put', async (_name, text, expected, names) => {
    const { code, stdout, stderr } = await run(credentials, [], aws, { stdin: input(text) });
    expect({ code, stdout, put: put() }).toEqual({ code: expected, stdout: '', put: [] });
    expect(stderr).toContain(names);
    expect(stderr).toMatch(/^.+\n$/);
    expect(stderr).not.toMatch(/very-secret/);
  });
});

test.each([[[TOKEN]], [['--refresh-token', TOKEN]], [[`--refresh-token=${TOKEN}`]]])(
  'a secret on the command line is refused and not repeated',
  async (argv) => {
    const { code, stderr } = await run(credentials, argv, aws);
    expect({ code, calls: aws.calls }).toEqual({ code: 2, calls: [] });
    expect(stderr).not.toMatch(/very-secret/);
  },
);
