import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tokenDaysLeft } from '../../functions/domain/consent.ts';
import { METRICS } from '../../functions/domain/metrics.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

/**
 * The entry points as Lambda runs them: a process with an environment, AWS and Spotify answered by a local server. What
 * they write to the log is looked at for what must never stand in it.
 */
let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const ID = '37i9dQZF1DX4sWSpwq3LiO';
const PAYLOAD = { runId: 'run-1', snapshotDate: '2026-11-23' };

/** Calls the handler of a stage once in a new process. */
async function invoke(stage: string, payload: object, more: Record<string, string> = {}) {
  const taskRoot = mkdtempSync(join(tmpdir(), 'task-root-'));
  writeFileSync(join(taskRoot, 'playlists.json'), JSON.stringify([ID]));
  const handler = new URL(`../../functions/${stage}.ts`, import.meta.url).href;
  const answerFile = join(taskRoot, 'answer.json');
  const script = `
    import { writeFileSync } from 'node:fs';
    const { handler } = await import(${JSON.stringify(handler)});
    const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 900_000 };
    const answer = await handler(${JSON.stringify(payload)}, context).then(
      (result) => ({ result }), ({ name, message }) => ({ error: { name, message } }));
    writeFileSync(${JSON.stringify(answerFile)}, JSON.stringify(answer));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: {
      PATH: process.env.PATH ?? '',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: server.url,
      LAMBDA_TASK_ROOT: taskRoot,
      SERVICE: 'PlaylistLake',
      LAKE_BUCKET: 'lake',
      SPOTIFY_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:spotify-AbCdEf',
      PLAYLISTS_FILE: 'playlists.json',
      MARKET: '',
      KEEP_PERSONAL_DATA: 'false',
      READING: '{}',
      VALIDATION_LIMITS: '{}',
      RAW_RETENTION_DAYS: '90',
      SPOTIFY_API_URL: server.url,
      SPOTIFY_ACCOUNTS_URL: server.url,
      ...more,
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      log += chunk;
    });
  }
  await once(child, 'close');
  const lines = log
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const answer = readFileSync(answerFile, 'utf8');
  return { ...(JSON.parse(answer) as { result?: unknown; error?: { name: string; message: string } }), log, lines };
}

const EMPTY_LIST = {
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>',
};

const NO_OBJECT = {
  status: 404,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>',
};

test('Publish writes the publication, its metric and lines with run, date and stage', async () => {
  server.script('/', NO_OBJECT, {});
  // Nothing to sweep: the tables and the publications.
  server.script('/lake/?', ...Array.from({ length: 2 }, () => EMPTY_LIST));
  const { result, lines } = await invoke('publish', { ...PAYLOAD, status: 'complete' });
  expect(result).toEqual({ publishedAt: expect.any(String) });
  const metric = lines.find((line) => '_aws' in line);
  expect(metric).toMatchObject({ SnapshotsPublished: 1, service: 'PlaylistLake' });
  expect(metric._aws.CloudWatchMetrics[0]).toMatchObject({ Namespace: 'PlaylistLake', Dimensions: [['service']] });
  const words = lines.filter((line) => !('_aws' in line));
  expect(words.length).toBeGreaterThan(1);
  expect(words.at(-1)).toMatchObject({ message: 'publish ended', durationMs: expect.any(Number) });
  for (const line of words)
    expect(line).toMatchObject({ runId: 'run-1', snapshotDate: '2026-11-23', stage: 'publish' });
});

test('Extract with the placeholder in its secret says so before it asks Spotify anything', async () => {
  const before = server.requests.length;
  server.script('/', { body: { SecretString: '{"placeholder":"x"}' } });
  const { error } = await invoke('extract', { ...PAYLOAD, startedAt: '2026-11-23T06:00:00Z', playlistIds: null });
  expect(error).toMatchObject({ name: 'ConfigError', message: expect.stringContaining('npm run credentials') });
  expect(server.requests.slice(before).map(({ path }) => path)).toEqual(['/']);
});

test('Extract tells the days that the consent has left, and logs no token, secret or name', async () => {
  const secret = { client_id: 'the-client-id', client_secret: 'the-client-secret', refresh_token: 'the-refresh-token' };
  const authorized_at = new Date(Date.now() - 30 * 86_400_000).toISOString();
  // The manifest, the counters before and after they are written, and the progress of the playlist.
  server.script('/lake/raw/', NO_OBJECT, NO_OBJECT, { body: '' }, NO_OBJECT, { body: '' });
  server.script('/lake/?', EMPTY_LIST, EMPTY_LIST, EMPTY_LIST);
  server.script('/', { body: { SecretString: JSON.stringify({ ...secret, authorized_at }) } });
  server.script('/api/token', {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'Refresh token revoked' },
  });
  const payload = { ...PAYLOAD, startedAt: '2026-11-23T06:00:00Z', playlistIds: null };
  const { error, lines, log } = await invoke('extract', payload);
  expect(error?.name).toBe('SpotifyAuthError');
  expect(lines.find((line) => '_aws' in line)).toMatchObject({
    TokenDaysLeft: tokenDaysLeft(authorized_at, new Date()),
  });
  expect(log).not.toMatch(/the-client-secret|the-refresh-token/);
});

test.each(Object.keys(METRICS))('%s is measured by an entry point', (name) => {
  const folder = new URL('../../functions/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  expect(files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join()).toMatch(new RegExp(`\\b${name}: `));
});

test('every metric has a unit that CloudWatch knows', () => {
  expect(new Set(Object.values(METRICS))).toEqual(new Set(['Count', 'Percent']));
});
