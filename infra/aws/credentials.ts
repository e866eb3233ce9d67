import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ClientSettings } from './client-settings.ts';
import { type Context, defineCommand, main, say } from './command.ts';
import { CommandError, UsageError } from './command-error.ts';
import { parseJson } from './json-text.ts';
import { askAll, readAll } from './questions.ts';
import { type SpotifySecret, SpotifySecretSchema } from './spotify-secret.ts';
import { requireStack, STACK_CALLS } from './stack.ts';

/** `npm run credentials`: the Spotify credentials go into the stack's secret, and nowhere else. */
export const credentials = defineCommand({
  name: 'npm run credentials',
  summary: 'Puts the Spotify credentials into the secret of the deployed stack.',
  usage: `[options]

It asks for the client ID, the refresh token and the client secret, without showing the last two. Nothing is taken from
the command line, so that nothing stays in the shell's history. From a program, give JSON on standard input:
{"client_id": …, "refresh_token": …, "client_secret": …, "authorized_at": "YYYY-MM-DD"}; the last two may be missing.
`,
  options: {},
  permissions: {
    calls: [...STACK_CALLS, 'secretsmanager:PutSecretValue'],
    also: ['With customerKey also kms:GenerateDataKey and kms:Decrypt on that key.'],
  },
  async run(_values, context) {
    // First of all: nobody should type secrets only to hear that there is no stack.
    const { outputs, name } = await requireStack(context, 'SecretArn');
    const secret = await (context.stdin.isTTY ? askForSecret(context) : pipedSecret(context));
    await putSecret(outputs.SecretArn, secret, context.settings);
    say(context, `The credentials are in the secret of stack ${name}. Try them: npm run run:aws`);
    return 0;
  },
});

async function askForSecret(context: Context): Promise<SpotifySecret> {
  const today = context.now().toISOString().slice(0, 10);
  const [client_id, refresh_token, client_secret, authorized_at] = await askAll(
    [
      { text: 'Client ID of your Spotify app: ' },
      { text: 'Refresh token (not shown): ', hidden: true },
      { text: 'Client secret (not shown; empty when you consented without it): ', hidden: true },
      { text: `Day of the consent [${today}]: ` },
    ],
    context,
  );
  for (const secret of [refresh_token, client_secret]) if (secret) context.secrets.add(secret);
  return check({
    client_id,
    ...(refresh_token ? { refresh_token } : {}),
    ...(client_secret ? { client_secret } : {}),
    authorized_at: authorized_at || today,
  });
}

async function pipedSecret(context: Context): Promise<SpotifySecret> {
  const text = await readAll(context.stdin);
  if (text.trim() === '') {
    throw new UsageError(
      'This is no terminal to ask on, and standard input is empty: see npm run credentials -- --help',
    );
  }
  const value = parseJson(text);
  // The JSON parser's own message quotes the text, and the text holds secrets.
  if (value === undefined) throw new UsageError('Standard input is not JSON: see npm run credentials -- --help');
  const secret = check(value);
  for (const one of [secret.refresh_token, secret.client_secret]) if (one) context.secrets.add(one);
  return { ...secret, authorized_at: secret.authorized_at ?? context.now().toISOString() };
}

/** Names the field that is wrong, never its value. */
function check(value: unknown): SpotifySecret {
  const parsed = SpotifySecretSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.');
  const what = issue?.code === 'unrecognized_keys' ? 'there is a field that is not known' : issue?.message;
  throw new CommandError(`The credentials were not put: ${field ? `${field}: ` : ''}${what}.`);
}

/** Replaces the secret's value. The former one stays for a day or so as AWSPREVIOUS, then it is gone. */
export async function putSecret(arn: string, secret: SpotifySecret, settings: ClientSettings): Promise<void> {
  try {
    await new SecretsManagerClient(settings).send(
      new PutSecretValueCommand({ SecretId: arn, SecretString: JSON.stringify(secret) }),
    );
  } catch (cause) {
    if (!Error.isError(cause) || cause.name !== 'ResourceNotFoundException') throw cause;
    throw new CommandError(`The secret ${arn} is gone: deploy again by npm run deploy.`, { cause });
  }
}

if (import.meta.main) await main(credentials);
