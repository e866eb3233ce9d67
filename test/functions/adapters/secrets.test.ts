import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSecretStore } from '../../../functions/adapters/secrets.ts';
import { type ScriptedServer, startScriptedServer } from '../../support/scripted-server.ts';

const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:spotify-AbCdEf';
let server: ScriptedServer;
let store: ReturnType<typeof createSecretStore>;

beforeAll(async () => {
  server = await startScriptedServer();
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new SecretsManagerClient({ endpoint: server.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
  store = createSecretStore({ secretArn, client });
});
afterAll(() => server.close());

const holds = (secret: unknown) =>
  server.script('/', { body: { SecretString: typeof secret === 'string' ? secret : JSON.stringify(secret) } });

describe('read', () => {
  test('credentials with all that belongs to them', async () => {
    const secret = { client_id: 'id', refresh_token: 'token', authorized_at: '2026-11-01T10:00:00.000Z', note: 'mine' };
    holds(secret);
    expect(await store.read()).toEqual(secret);
  });

  test.each<[string, unknown, string]>([
    ['the placeholder', { placeholder: 'Zx81kQ0p' }, 'npm run credentials'],
    ['no JSON', 'hush-hush', 'npm run credentials'],
    ['no client', { client_secret: 'hush-hush' }, 'client_id'],
    ['nothing to ask a token with', { client_id: 'hush-hush' }, 'refresh_token'],
    [
      'a consent without a date',
      { client_id: 'hush-hush', refresh_token: 'hush-hush', authorized_at: 'May' },
      'authorized_at',
    ],
  ])('%s is a ConfigError that says what to do and shows nothing of it', async (_, secret, says) => {
    holds(secret);
    const error = await store.read().catch((reason) => reason);
    expect(error).toMatchObject({ name: 'ConfigError', message: expect.stringContaining(says) });
    expect(error.message).not.toMatch(/hush-hush|Zx81kQ0p/);
  });

  test('a refusal is a ConfigError with AWS’s words', async () => {
    server.script('/', { status: 400, body: { __type: 'AccessDeniedException', message: 'not authorized' } });
    await expect(store.read()).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('not authorized'),
    });
  });
});

test('a new refresh token takes the place of the old one, and the rest stays', async () => {
  const before = {
    client_id: 'id',
    client_secret: 's',
    refresh_token: 'old',
    authorized_at: '2026-11-01T10:00:00.000Z',
  };
  holds(before);
  server.script('/', { body: {} });
  await store.saveRefreshToken('new');
  const request = server.requests.at(-1);
  expect(request?.headers['x-amz-target']).toBe('secretsmanager.PutSecretValue');
  const { SecretId, SecretString } = JSON.parse(request?.body ?? '{}');
  expect([SecretId, JSON.parse(SecretString)]).toEqual([secretArn, { ...before, refresh_token: 'new' }]);
});

test('a token that cannot be stored is never silently lost', async () => {
  holds({ client_id: 'id', refresh_token: 'old' });
  server.script('/', { status: 400, body: { __type: 'AccessDeniedException', message: 'not authorized' } });
  await expect(store.saveRefreshToken('new')).rejects.toThrow('not authorized');
});
