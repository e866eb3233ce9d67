import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { doctorOnAws } from '../../../infra/aws/doctor.ts';
import { callerIdentity, describeStacks, run } from '../../support/aws-commands.ts';
import { AwsRefusal, type FakeAws, startFakeAws } from '../../support/fake-aws.ts';
import { tracks } from '../../support/fake-spotify.ts';
import { type Fault, startFaultySpotify } from '../../support/faulty-spotify.ts';

const MINE = 'playlist0000000000mine';
const SECRET = { client_id: 'of-aws', refresh_token: 'very-secret-token', authorized_at: '2026-11-01T00:00:00Z' };

let aws: FakeAws;
beforeAll(async () => {
  aws = await startFakeAws();
});
afterAll(() => aws.close());

let stored: unknown;
beforeEach(() => {
  stored = SECRET;
  Object.assign(aws.handlers, {
    'cloudformation:DescribeStacks': describeStacks(),
    'sts:GetCallerIdentity': callerIdentity,
    'secretsmanager:GetSecretValue': () => ({ SecretString: JSON.stringify(stored) }),
    'secretsmanager:PutSecretValue': ({ SecretString }: Readonly<Record<string, unknown>>) => {
      stored = JSON.parse(String(SecretString));
      return {};
    },
  });
});

async function doctor(args: readonly string[] = [], faults: readonly Fault[] = [], playlists = [MINE]) {
  const spotify = await startFaultySpotify(
    { [MINE]: { snapshotId: 'v1', entries: tracks(3) } },
    { regime: 'C', faults },
  );
  const configFile = join(mkdtempSync(join(tmpdir(), 'config-')), 'cdk.json');
  writeFileSync(configFile, JSON.stringify({ context: { playlistLake: { playlists } } }));
  const env = { SPOTIFY_API_URL: spotify.url, SPOTIFY_ACCOUNTS_URL: spotify.url };
  try {
    const { code, stdout, stderr } = await run(doctorOnAws, ['--aws', ...args], aws, { env, configFile });
    expect(stdout + stderr).not.toContain('very-secret-token');
    return { code, said: stdout + stderr };
  } finally {
    await spotify.close();
  }
}

test('all is well with the secret that the stack names', async () => {
  const { code, said } = await doctor();
  expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/of-aws.*\n.*days left.*\n.*3 entries/) });
});

test('a new refresh token goes into the secret', async () => {
  const body = { access_token: 'a', token_type: 'Bearer', expires_in: 3600, refresh_token: 'rotated' };
  expect((await doctor([], [{ match: 'POST /api/token', status: 200, body }])).code).toBe(0);
  expect(stored).toEqual({ ...SECRET, refresh_token: 'rotated' });
});

test.each<[string, () => void, string[], RegExp]>([
  ['the placeholder', () => (stored = { placeholder: 'x' }), [], /placeholder.*npm run credentials/],
  ['no credentials', () => (stored = { client_id: 'x' }), [], /refresh_token.*npm run credentials/],
  ['no such stack', () => {}, ['--stack', 'Nowhere'], /Nowhere.*npm run deploy/],
  [
    'no permission',
    () => {
      aws.handlers['cloudformation:DescribeStacks'] = () => {
        throw new AwsRefusal(
          'AccessDenied',
          'User: arn:x:y is not authorized to perform: cloudformation:DescribeStacks',
        );
      };
    },
    [],
    /cloudformation:DescribeStacks.*npm run doctor -- --aws --help/,
  ],
])('%s is a problem with its remedy: exit code 1', async (_name, arrange, args, says) => {
  arrange();
  const { code, said } = await doctor(args);
  expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(says) });
});

test('nothing to read is a problem: no run could succeed', async () => {
  const { code, said } = await doctor([], [], []);
  expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(/PROBLEM .*playlists: name at least one/) });
});

test('a bad option is exit code 2', async () => {
  expect((await doctor(['--secret', 'x'])).code).toBe(2);
});
