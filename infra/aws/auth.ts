import {
  type Asking,
  AUTH_OPTIONS,
  AUTH_OPTIONS_HELP,
  askForConsent,
  parsePort,
  thisMachine,
} from '../local/auth/ask-for-consent.ts';
import type { KeptConsent } from '../local/auth/consent-file.ts';
import { type Context, defineCommand, say } from './command.ts';
import { UsageError } from './command-error.ts';
import { putSecret } from './credentials.ts';
import { storedValue } from './look-at-secret.ts';
import { type SpotifySecret, StoredSecretSchema } from './spotify-secret.ts';
import { requireStack, STACK_CALLS } from './stack.ts';

/** `npm run auth -- --aws`: the consent goes into the stack's secret, and nowhere else. */
export const authCommand = (asking: () => Asking) =>
  defineCommand({
    name: 'npm run auth -- --aws',
    summary: 'Asks for your consent to read your playlists, once every six months, for the deployed stack.',
    usage: `[options]

${AUTH_OPTIONS_HELP}
`,
    options: { aws: { type: 'boolean' }, ...AUTH_OPTIONS },
    permissions: {
      calls: [...STACK_CALLS, 'secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
      also: ['With customerKey also kms:GenerateDataKey and kms:Decrypt on that key.'],
    },
    async run({ 'client-id': given, port, browser }, context) {
      // First of all: nobody should consent only to hear that there is no stack.
      const { outputs, name } = await requireStack(context, 'SecretArn');
      const stored = await storedSecret(outputs.SecretArn, context);
      const clientId = given?.trim() || context.env.SPOTIFY_CLIENT_ID?.trim() || stored?.client_id;
      if (!clientId) throw new UsageError('Which app? Give its client ID: npm run auth -- --aws --client-id ID');
      const asked = { clientId, port: parsePort(port), browser };
      await askForConsent(asked, {
        ...asking(),
        environment: context.env,
        now: context.now,
        log: (text) => say(context, text),
        keep: (consent) => putSecret(outputs.SecretArn, withConsent(stored, consent), context.settings),
        where: `the secret of stack ${name}`,
        next: 'npm run doctor -- --aws',
      });
      return 0;
    },
  });

export const authOnAws = authCommand(thisMachine);

/** undefined when it holds no credentials yet. */
async function storedSecret(arn: string, { settings }: Context): Promise<SpotifySecret | undefined> {
  return StoredSecretSchema.safeParse(await storedValue(arn, settings)).data;
}

/** What a person keeps beside the consent stays, unless it belongs to another app. */
function withConsent(stored: SpotifySecret | undefined, consent: KeptConsent): SpotifySecret {
  // A token that was given to a client without a secret is refused when the secret is sent with it.
  const { client_secret: _, ...rest } = stored?.client_id === consent.client_id ? stored : {};
  return { ...rest, ...consent };
}
