import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { TABLE_NAMES } from '../../../functions/domain/tables.ts';
import { startDemoSpotify } from '../../../infra/local/demo-spotify/server.ts';
import { NoPythonError } from '../../support/python-tool.ts';
import { ACCOUNT, type Emulator, REGION, startEmulator } from './emulator.ts';
import { fitDefinition, fitForEmulator } from './fit.ts';
import { addResultWriter, rebuildAndPurge } from './rebuild.ts';

/**
 * `npm run test:ministack`: bootstraps and deploys with the CDK's own command line on an independent implementation of
 * AWS, and runs the machine there with the real bundles: once into the failure path, once to its end.
 */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const SNAPSHOT_DATE = '2026-11-23';
const EMAIL = 'nobody@example.org';

const check = (what: string, holds: boolean, seen: unknown = '') => {
  if (!holds) throw new Error(`not so: ${what} ${JSON.stringify(seen)}`);
  console.log(`ok: ${what}`);
};

function cdk(emulator: Emulator, playlists: readonly string[], ...args: string[]) {
  const env = {
    ...process.env,
    ...emulator.environment,
    PLAYLIST_LAKE_PLAYLISTS: JSON.stringify(playlists),
    PLAYLIST_LAKE_ALERT_EMAILS: EMAIL,
  };
  execFileSync(process.execPath, ['node_modules/aws-cdk/bin/cdk', ...args, '--no-notices', '--ci'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function main(emulator: Emulator, demo: Awaited<ReturnType<typeof startDemoSpotify>>) {
  const ids = demo.playlists.map(({ id }) => id);
  const assembly = join(mkdtempSync(join(tmpdir(), 'assembly-')), 'cdk.out');
  cdk(emulator, ids, 'bootstrap', `aws://${ACCOUNT}/${REGION}`);
  console.log('ok: cdk bootstrap');
  cdk(emulator, ids, 'synth', '--quiet', '--output', assembly);
  fitForEmulator(join(assembly, 'PlaylistLake.template.json'), demo.url);
  addResultWriter(join(assembly, 'PlaylistLake.template.json'));
  cdk(emulator, ids, 'deploy', '--app', assembly, '--require-approval', 'never');
  const outputs = await readOutputs();
  check('cdk deploy, with every output', Object.keys(outputs).length === 10, outputs);

  const doctor = () => askDoctor(demo.url, ids);
  const ill = await doctor();
  check('the doctor finds the placeholder by the outputs of the stack', /PROBLEM.*placeholder/.test(ill), ill);

  const alerts = await listenToAlerts(emulator.url, outputs.AlertTopicArn ?? '');
  const failed = await execute(outputs.StateMachineArn ?? '', 'with-the-placeholder');
  check('a run with the placeholder in its secret fails', failed.status === 'FAILED', failed);
  const message = await alerts.next();
  check('the failure is told by SNS, with the remedy', /npm run credentials/.test(message), message);
  alerts.close();

  const secret = { client_id: 'demo', client_secret: 'demo' };
  const put = command('credentials', JSON.stringify(secret));
  check('npm run credentials puts them into the secret', put.status === 0, put.text);
  const well = await doctor();
  check('then the doctor finds nothing', well.endsWith('All is well.\n'), well);
  await fitMachine(outputs.StateMachineArn ?? '');
  const succeeded = await execute(outputs.StateMachineArn ?? '', 'to-its-end');
  check('a run reads the demo Spotify and ends well', succeeded.status === 'SUCCEEDED', succeeded);
  const keys = await listKeys(outputs.LakeBucketName ?? '');
  const count = (prefix: string) => keys.filter((key) => key.startsWith(prefix)).length;
  check('raw responses of each playlist are in S3', count('raw/') > ids.length, keys);
  check('six tables are in S3', count('transformed/') === TABLE_NAMES.length, keys);
  check('the snapshot is published', keys.includes(`published/snapshot_date=${SNAPSHOT_DATE}.json`), keys);

  const status = command('status');
  const told = [/SUCCEEDED in .* to-its-end/, /FAILED in .* with-the-placeholder/, new RegExp(`${EMAIL} is confirmed`)];
  check(
    'npm run status tells of both runs and of who gets alerts',
    told.every((one) => one.test(status.text)),
    status,
  );
  const catalog = command('catalog');
  const isListed =
    /playlist_lake_staging.*playlist_items/.test(catalog.text) && /Crawler .*SUCCEEDED/.test(catalog.text);
  check('npm run catalog -- --aws lists the tables and the last crawl', isListed, catalog);

  await rebuildAndPurge({ outputs, snapshotDate: SNAPSHOT_DATE, playlistId: ids[0] ?? '' }, check);
}

/** One of the commands of `infra/aws`, as its npm script runs it, against the emulator. */
function command(name: string, input = '') {
  const program = join(root, 'infra/aws', `${name}.ts`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { cwd: root, input, encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

/** The tests of the S3 adapter, the same as in `npm test`, over the emulator's S3 as well. */
function testLake({ url }: Emulator) {
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const env = { ...process.env, LAKE_TEST_S3_ENDPOINT: url };
  const args = [...jest, '--silent', 'test/functions/adapters/lake.test.ts', '--testNamePattern', 'S3 that we did not'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
  const [count] = /\d+ passed/.exec(stderr.split('Tests:')[1] ?? '') ?? [];
  check(`the tests of the S3 adapter, ${count ?? 'none'}`, status === 0 && count !== undefined, stderr);
}

/** What `npm run doctor -- --aws` says. */
function askDoctor(spotifyUrl: string, playlists: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    SPOTIFY_API_URL: spotifyUrl,
    SPOTIFY_ACCOUNTS_URL: spotifyUrl,
    PLAYLIST_LAKE_PLAYLISTS: JSON.stringify(playlists),
  };
  return new Promise((resolve) => {
    execFile(process.execPath, ['infra/local/doctor.ts', '--aws'], { cwd: root, env }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

async function readOutputs(): Promise<Record<string, string>> {
  const { Stacks } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName: 'PlaylistLake' }));
  return Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}

/** Starts an execution and waits for its end, three minutes at most. */
async function execute(stateMachineArn: string, name: string) {
  const sfn = new SFNClient();
  const input = JSON.stringify({ snapshotDate: SNAPSHOT_DATE });
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  for (let look = 0; look < 360; look += 1) {
    const { status, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return { status, error, cause };
    await sleep(500);
  }
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 5 }),
  );
  throw new Error(`the execution ${name} does not end: ${JSON.stringify(events)}`);
}

async function fitMachine(stateMachineArn: string) {
  const sfn = new SFNClient();
  const { definition = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: fitDefinition(definition) }));
}

async function listKeys(Bucket: string): Promise<string[]> {
  const { Contents = [] } = await new S3Client({ forcePathStyle: true }).send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

/** Subscribes a server of this machine to the topic: what it is sent is what an e-mail would hold. */
async function listenToAlerts(emulatorUrl: string, topicArn: string) {
  const received: string[] = [];
  let confirmed: Promise<unknown> | undefined;
  const authorization = `AWS4-HMAC-SHA256 Credential=${ACCOUNT}/20261123/${REGION}/sns/aws4_request, SignedHeaders=host, Signature=none`;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      response.end();
      // As the person who gets the e-mails does, once.
      if (request.headers['x-amz-sns-message-type'] !== 'SubscriptionConfirmation') received.push(body);
      else confirmed = confirm(JSON.parse(body), emulatorUrl, authorization);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const body = new URLSearchParams({ Action: 'Subscribe', TopicArn: topicArn, Protocol: 'http', Endpoint: endpoint });
  const answer = await fetch(emulatorUrl, { method: 'POST', body, headers: { authorization } });
  if (!answer.ok) throw new Error(`SNS Subscribe: ${answer.status} ${await answer.text()}`);
  for (let look = 0; look < 40 && !confirmed; look += 1) await sleep(100);
  await confirmed;
  return {
    async next(): Promise<string> {
      for (let look = 0; look < 40 && received.length === 0; look += 1) await sleep(250);
      return received.shift() ?? '';
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function confirm({ TopicArn, Token }: Record<string, string>, url: string, authorization: string) {
  const body = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: TopicArn ?? '', Token: Token ?? '' });
  const answer = await fetch(url, { method: 'POST', body, headers: { authorization } });
  if (!answer.ok) throw new Error(`SNS ConfirmSubscription: ${answer.status} ${await answer.text()}`);
}

const emulator = await startEmulator().catch((error: unknown) => {
  console.error(error instanceof NoPythonError ? error.message : error);
  process.exit(1);
});
Object.assign(process.env, emulator.environment);
const demo = await startDemoSpotify({ snapshotDate: SNAPSHOT_DATE });
try {
  testLake(emulator);
  await main(emulator, demo);
} catch (error) {
  console.error(error, `\nThe emulator's log: ${emulator.logFile}`);
  process.exitCode = 1;
} finally {
  emulator.stop();
  await demo.close();
  // Connections of a run that failed half-way may still be open.
  process.exit();
}
