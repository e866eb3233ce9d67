import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { authCommand } from '../../../infra/aws/auth.ts';
import { callerIdentity, describeStacks, NOW, run, SECRET } from '../../support/aws-commands.ts';
import { AwsRefusal, type FakeAws, startFakeAws } from '../../support/fake-aws.ts';
import { type ScriptedServer, startScriptedServer } from '../../support/scripted-server.ts';

const TOKEN = 'very-secret-refresh-token';

let aws: FakeAws;
let accounts: ScriptedServer;
let stored: string;
beforeAll(async () => {
  aws = await startFakeAws();
  accounts = await startScriptedServer();
});
afterAll(async () => {
  await aws.close();
  await accounts.close();
});
beforeEach(() => {
  stored = JSON.stringify({ placeholder: 'x' });
  aws.calls.length = 0;
  Object.assign(aws.handlers, {
    'cloudformation:DescribeStacks': describeStacks(),
    'sts:GetCallerIdentity': callerIdentity,
    'secretsmanager:GetSecretValue': () => ({ SecretString: stored }),
    'secretsmanager:PutSecretValue': ({ SecretId, SecretString }: Readonly<Record<string, unknown>>) => {
      expect(SecretId).toBe(SECRET);
      stored = String(SecretString);
      return {};
    },
  });
});

/** Runs the command; the browser says yes as soon as the link is opened. */
async function auth(...args: string[]) {
  accounts.script('/api/token', { body: { refresh_token: TOKEN } });
  const links: string[] = [];
  const command = authCommand(() => ({
    random: (bytes) => new Uint8Array(bytes).fill(7),
    open: (link) => {
      links.push(link);
      const { searchParams } = new URL(link);
      const back = new URLSearchParams({ code: 'the-code', state: searchParams.get('state') ?? '' });
      void fetch(`${searchParams.get('redirect_uri')}?${back}`);
    },
    patienceMs: 5_000,
  }));
  const env = { SPOTIFY_ACCOUNTS_URL: accounts.url };
  return { ...(await run(command, ['--aws', '--port', '0', ...args], aws, { env })), links };
}

test('the consent goes into the secret that the stack names, over the placeholder', async () => {
  const { code, stdout, stderr } = await auth('--client-id', 'the-client');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stored)).toEqual({
    client_id: 'the-client',
    refresh_token: TOKEN,
    authorized_at: NOW.toISOString(),
  });
  expect(stdout).toContain('2027-05-25');
  expect(stdout + stderr).not.toContain(TOKEN);
});

test('the app is that of the last consent; what stands beside it is kept, a client secret is not', async () => {
  stored = JSON.stringify({ client_id: 'the-client', client_secret: 'old', note: 'of Ada', refresh_token: 'old' });
  const { code, links } = await auth();
  expect({ code, app: new URL(links[0] ?? '').searchParams.get('client_id') }).toEqual({ code: 0, app: 'the-client' });
  expect(JSON.parse(stored)).toEqual({
    client_id: 'the-client',
    note: 'of Ada',
    refresh_token: TOKEN,
    authorized_at: NOW.toISOString(),
  });
});

test('of another app nothing is kept', async () => {
  stored = JSON.stringify({ client_id: 'other', refresh_token: 'old', note: 'x' });
  await auth('--client-id', 'the-client');
  expect(Object.keys(JSON.parse(stored)).sort()).toEqual(['authorized_at', 'client_id', 'refresh_token']);
});

test('a stack that does not exist is said before anybody is asked', async () => {
  const { code, stderr, links } = await auth('--client-id', 'the-client', '--stack', 'Nowhere');
  expect({ code, stderr, links }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/Nowhere.*npm run deploy/),
    links: [],
  });
});

test('so are missing permissions', async () => {
  aws.handlers['secretsmanager:GetSecretValue'] = () => {
    throw new AwsRefusal('AccessDeniedException', 'no identity-based policy allows secretsmanager:GetSecretValue');
  };
  const { code, stderr, links } = await auth('--client-id', 'the-client');
  expect({ code, stderr, links }).toEqual({ code: 1, stderr: expect.stringContaining('npm run auth'), links: [] });
});

test.each([[['--port', 'x']], [['--clientid', 'x']], [[]]])('%j is a usage error', async (args) => {
  expect((await auth(...args)).code).toBe(2);
});
