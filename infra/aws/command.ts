import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { maskSecrets } from '../../functions/domain/mask-secrets.ts';
import type { Progress } from '../local/progress.ts';
import { runCdk } from './cdk.ts';
import { type ClientSettings, clientSettings } from './client-settings.ts';
import { exitCodeOf, UsageError } from './command-error.ts';
import { errorLine } from './error-line.ts';
import type { Input } from './questions.ts';

/** Everything outside that a command touches. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Input;
  readonly stdout: Pick<Writable, 'write'>;
  readonly stderr: Pick<Writable, 'write'>;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** Runs the CDK's command line on this terminal; resolves to its exit code. */
  readonly runCdk: (args: readonly string[], env: Record<string, string>) => Promise<number>;
  /** Aborts when the person presses Ctrl-C. */
  readonly interrupt: AbortSignal;
  /** The live display of a run; the terminal's when absent. */
  readonly showProgress?: () => Progress;
  /** Takes precedence over what the options and the environment say of clients. */
  readonly settings?: ClientSettings;
  /** Of the Node that runs this, when absent. */
  readonly nodeVersion?: string;
  /** cdk.json of the repository when absent. */
  readonly configFile?: string;
}

/** What a command works with: the surroundings, and what every command line may say. */
export interface Context extends Surroundings {
  readonly settings: ClientSettings;
  readonly stack: string | undefined;
  readonly profile: string | undefined;
  /** Texts that no message may show. */
  readonly secrets: Set<string>;
}

export interface Permissions {
  /** IAM actions that the command itself calls; a test holds them against its code. */
  readonly calls: readonly string[];
  /** What AWS or the CDK does in the person's name, in words. */
  readonly also?: readonly string[];
}

export interface Command<O extends ParseArgsOptionsConfig = ParseArgsOptionsConfig> {
  /** As it is typed: `npm run status`. */
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly options: O;
  /** Whether it takes words besides options; how many is its own business. */
  readonly takesWords?: boolean;
  readonly permissions: Permissions;
  /** It watches `interrupt` and ends by itself; any other command simply ends at Ctrl-C. */
  readonly endsAtInterrupt?: boolean;
  /** Gives the exit code. */
  run(values: Values<O>, context: Context, words: readonly string[]): Promise<number>;
}

type Values<O extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

const COMMON = {
  stack: { type: 'string' },
  region: { type: 'string' },
  profile: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Keeps the options' types. */
export const defineCommand = <const O extends ParseArgsOptionsConfig>(command: Command<O>): Command<O> => command;

const separator = (name: string): string => (name.includes(' -- ') ? ' ' : ' -- ');
const helpCommand = (name: string): string => `${name}${separator(name)}--help`;

export function helpText({ name, summary, usage, permissions }: Command): string {
  const { calls, also = [] } = permissions;
  return `${summary}

  ${name}${usage ? separator(name) : ''}${usage.trimEnd()}

  --stack NAME     another stack than the configured stage's
  --region REGION  another region than AWS_REGION or the profile's
  --profile NAME   another profile than AWS_PROFILE
  --help           this text

AWS permissions (IAM actions) that it needs:
${calls.map((action) => `  ${action}\n`).join('')}${also.map((line) => `${line}\n`).join('')}DEBUG=1 shows where an error came from.
`;
}

/** Runs a command and gives its exit code: 0, 1 for a failure, 2 for a wrong command line or configuration. */
export async function runCommand(command: Command, argv: readonly string[], surroundings: Surroundings) {
  const secrets = new Set<string>();
  try {
    const { values, positionals } = parse(command, argv);
    if (values.help) {
      surroundings.stdout.write(helpText(command));
      return 0;
    }
    const { stack, region, profile } = values as { stack?: string; region?: string; profile?: string };
    const chosen = { ...(region ? { region } : {}), ...(profile ? { profile } : {}) };
    const settings = { ...clientSettings(chosen, surroundings.env), ...surroundings.settings };
    return await command.run(values, { ...surroundings, settings, stack, profile, secrets }, positionals);
  } catch (error) {
    const asked = { help: helpCommand(command.name), profile: profileOf(argv, surroundings) };
    surroundings.stderr.write(`${maskSecrets(errorLine(error, asked), secrets)}\n`);
    if (surroundings.env.DEBUG && Error.isError(error)) {
      surroundings.stderr.write(`${maskSecrets(String(error.stack), secrets)}\n`);
    }
    return exitCodeOf(error);
  }
}

/** Good enough for a message: the option or the variable. */
function profileOf(argv: readonly string[], { env }: Surroundings): string | undefined {
  const { values } = parseArgs({ args: [...argv], options: COMMON, strict: false });
  return typeof values.profile === 'string' ? values.profile : env.AWS_PROFILE;
}

function parse(command: Command, argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { ...command.options, ...COMMON },
      allowPositionals: command.takesWords ?? false,
      allowNegative: true,
    });
  } catch (cause) {
    throw new UsageError(`${parseProblem(cause)}. See ${helpCommand(command.name)}`, { cause });
  }
}

/** Never repeats a word that is no option: it may be a secret that somebody has typed in the wrong place. */
function parseProblem(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return 'This command takes options only, no other words';
  const [sentence = ''] = message.split(/\. |\n/);
  return sentence.replace(/(--?[\w-]+)=\S*/g, '$1');
}

/** Writes a line. */
export const say = ({ stdout }: Pick<Surroundings, 'stdout'>, text = ''): void => void stdout.write(`${text}\n`);
export const warn = ({ stderr }: Pick<Surroundings, 'stderr'>, text: string): void => void stderr.write(`${text}\n`);

/** Runs a command on the process's own terminal. */
export async function main(command: Command, argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const { env, stdin, stdout, stderr } = process;
  // A reader such as head that has seen enough closes the pipe: that is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  const interrupt = new AbortController();
  if (command.endsAtInterrupt) process.once('SIGINT', () => interrupt.abort());
  process.exitCode = await runCommand(command, argv, {
    env,
    stdin,
    stdout,
    stderr,
    runCdk,
    now: () => new Date(),
    sleep: (ms) => setTimeout(ms, undefined, { signal: interrupt.signal }).catch(() => undefined),
    interrupt: interrupt.signal,
  });
}
