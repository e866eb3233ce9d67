import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { InvalidInputError } from '../../functions/domain/errors.ts';
import { type Config, readConfig } from '../config.ts';
import { diagnose } from './doctor/diagnose.ts';
import { openSpotify } from './open-spotify.ts';
import type { Output } from './start.ts';

export const DOCTOR_HELP = `Checks what a run needs: configuration, credentials, the age of the consent, Spotify, and each playlist.

Usage: npm run doctor -- [options]

  --aws             With the credentials of the deployed stack: npm run doctor -- --aws --help
  --help            This text.

Makes one call a playlist at the most, and one for fifty in your own list; one that the rate limit refuses is made again. Exit code 0: all is well, 1: there is a problem, 2: a bad option.`;

export interface DoctorDeps {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  readonly config: () => Config;
}

/** `npm run doctor`. Resolves to the exit code: 0, 1 when there is a problem, 2 for a bad option. */
export async function doctor(argv: readonly string[], deps: DoctorDeps): Promise<number> {
  const { log, error } = deps.output;
  try {
    if (parse(argv).help) {
      log(DOCTOR_HELP);
      return 0;
    }
    return await diagnose({ ...deps, log, open: () => openSpotify(deps.environment) });
  } catch (cause) {
    const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
    error(`${name}: ${message}`);
    return cause instanceof InvalidInputError ? 2 : 1;
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: { help: { type: 'boolean', default: false } } }).values;
  } catch (cause) {
    const sentence = (cause as Error).message.split('. ')[0];
    throw new InvalidInputError(`${sentence}. See npm run doctor -- --help`, { cause });
  }
}

async function main(): Promise<void> {
  if (process.argv.includes('--aws')) {
    const [{ main: runOnAws }, { doctorOnAws }] = await Promise.all([
      import('../aws/command.ts'),
      import('../aws/doctor.ts'),
    ]);
    return runOnAws(doctorOnAws);
  }
  process.exitCode = await doctor(process.argv.slice(2), {
    environment: process.env,
    output: console,
    now: () => new Date(),
    sleep: (ms) => sleep(ms),
    config: () => readConfig(),
  });
}

if (import.meta.main) await main();
