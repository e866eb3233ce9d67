import { parseArgs } from 'node:util';
import { InvalidInputError } from '../../functions/domain/errors.ts';
import {
  type Asking,
  AUTH_OPTIONS,
  AUTH_OPTIONS_HELP,
  askForConsent,
  parsePort,
  thisMachine,
} from './auth/ask-for-consent.ts';
import { consentFile, readConsent, saveConsent } from './auth/consent-file.ts';
import type { Output } from './start.ts';

export const AUTH_HELP = `Asks for your consent to read your playlists, once every six months.

Usage: npm run auth -- [options]

${AUTH_OPTIONS_HELP}
  --aws             For the deployed stack: npm run auth -- --aws --help
  --help            This text.`;

type Environment = Readonly<Record<string, string | undefined>>;

export interface AuthDeps extends Asking {
  readonly environment: Environment;
  readonly output: Output;
  readonly now: () => Date;
}

/** `npm run auth`. Resolves to the exit code: 0 when the consent is kept, 2 for a bad option, 1 otherwise. */
export async function auth(argv: readonly string[], deps: AuthDeps): Promise<number> {
  const { environment, output } = deps;
  try {
    const options = parse(argv);
    if (options.help) {
      output.log(AUTH_HELP);
      return 0;
    }
    const clientId = options.clientId || environment.SPOTIFY_CLIENT_ID?.trim() || (await lastClientId(environment));
    if (!clientId) throw new InvalidInputError('which app? Give its client ID: npm run auth -- --client-id ID');
    await askForConsent(
      { ...options, clientId },
      {
        ...deps,
        log: output.log,
        keep: (consent) => saveConsent(environment, consent),
        where: `${consentFile(environment)}, readable by you only`,
        next: 'npm run doctor',
      },
    );
    return 0;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    output.error(`${name}: ${message}`);
    return error instanceof InvalidInputError ? 2 : 1;
  }
}

const lastClientId = async (environment: Environment) => (await readConsent(environment))?.client_id;

function parse(argv: readonly string[]) {
  const values = parsed(argv);
  return { ...values, port: parsePort(values.port), clientId: values['client-id']?.trim() };
}

function parsed(argv: readonly string[]) {
  try {
    const options = { ...AUTH_OPTIONS, help: { type: 'boolean', default: false } } as const;
    return parseArgs({ args: [...argv], allowNegative: true, options }).values;
  } catch (cause) {
    const sentence = (cause as Error).message.split('. ')[0];
    throw new InvalidInputError(`${sentence}. See npm run auth -- --help`, { cause });
  }
}

async function main(): Promise<void> {
  if (process.argv.includes('--aws')) {
    const [{ main: runOnAws }, { authOnAws }] = await Promise.all([
      import('../aws/command.ts'),
      import('../aws/auth.ts'),
    ]);
    return runOnAws(authOnAws);
  }
  const environment = process.env;
  process.exitCode = await auth(process.argv.slice(2), {
    ...thisMachine(),
    environment,
    output: console,
    now: () => new Date(),
  });
}

if (import.meta.main) await main();
