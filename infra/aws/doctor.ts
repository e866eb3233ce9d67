import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretStore } from '../../functions/adapters/secrets.ts';
import { consentIn, credentialsIn } from '../../functions/lambda-spotify.ts';
import { readConfig, requireSources } from '../config.ts';
import { diagnose } from '../local/doctor/diagnose.ts';
import type { OpenedSpotify } from '../local/open-spotify.ts';
import { SPOTIFY } from '../local/spotify-settings.ts';
import { type Context, defineCommand, say } from './command.ts';
import { CommandError } from './command-error.ts';
import { errorLine } from './error-line.ts';
import { requireStack, STACK_CALLS } from './stack.ts';

/** `npm run doctor -- --aws`: what a run on AWS would find, seen from here. */
export const doctorOnAws = defineCommand({
  name: 'npm run doctor -- --aws',
  summary: 'Checks what a run on AWS needs: configuration, the secret, the age of the consent, Spotify, each playlist.',
  usage: `[options]

Makes one call a playlist at the most, and one for fifty in your own list; one that the rate limit refuses is made
again. Exit code 0: all is well, 1: there is a problem, 2: a bad option. When Spotify gives
a new refresh token meanwhile, it is put into the secret.
`,
  options: { aws: { type: 'boolean' } },
  permissions: {
    calls: [...STACK_CALLS, 'secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
    also: ['With customerKey also kms:GenerateDataKey and kms:Decrypt on that key.'],
  },
  run: (_values, context) =>
    diagnose({
      log: (text) => say(context, text),
      now: context.now,
      sleep: context.sleep,
      config: () => {
        const config = readConfig(context.configFile);
        requireSources(config);
        return config;
      },
      open: () => openDeployed(context).catch((cause) => Promise.reject(inOneLine(cause, context))),
    }),
});

async function openDeployed(context: Context): Promise<OpenedSpotify> {
  const { outputs, name } = await requireStack(context, 'SecretArn');
  const client = new SecretsManagerClient(context.settings);
  const store = createSecretStore({ secretArn: outputs.SecretArn, client });
  const secret = await store.read();
  const consent = consentIn(secret);
  return {
    kind: 'server',
    settings: {
      apiUrl: context.env.SPOTIFY_API_URL || SPOTIFY.apiUrl,
      accountsUrl: context.env.SPOTIFY_ACCOUNTS_URL || SPOTIFY.accountsUrl,
    },
    credentials: credentialsIn(secret),
    saveRefreshToken: store.saveRefreshToken,
    ...(consent ? { consent } : {}),
    says: `those in the secret of stack ${name}, of client ${secret.client_id}`,
  };
}

function inOneLine(cause: unknown, { profile, env }: Context): Error {
  const asked = { help: 'npm run doctor -- --aws --help', profile: profile ?? env.AWS_PROFILE };
  return new CommandError(errorLine(cause, asked), { cause });
}
