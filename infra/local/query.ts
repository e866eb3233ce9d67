import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { PUBLISHED_PREFIX } from '../../functions/domain/lake-paths.ts';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { DERIVED_VIEWS } from '../derived-views.ts';
import { PUBLISHED_TABLE, READERS_DATABASE } from '../reader-views.ts';
import { openEngine } from './athena/engine.ts';
import { SqlError } from './athena/sql-error.ts';
import { listKeys, readPartitions } from './glue/partitions.ts';
import { formatResult, RESULT_FORMATS, type ResultFormat } from './result-format.ts';

const EXAMPLE = 'npm run query -- "SELECT count(*) FROM tracks"';

const HELP = `Answers one SELECT over the published snapshots of the local lake; with --aws, of the one on AWS.

  npm run query -- [options] "SELECT …"

  --lake DIR       folder of the lake (default .lake)
  --format FORMAT  ${RESULT_FORMATS.join(', ')} (default table)
  --aws            the lake on AWS, by Athena: see npm run query -- --aws --help
  --help           this text

Tables: ${TABLE_NAMES.join(', ')}, ${PUBLISHED_TABLE}.
Made of them: ${DERIVED_VIEWS.map(({ name }) => name).join(', ')}.
The SQL is Athena's (Trino). Each table has a column snapshot_date.
`;

/** The command line is not of the form asked for. */
class UsageError extends Error {
  override name = 'UsageError' as const;
}

interface Terminal {
  readonly stdout: Pick<Writable, 'write'>;
  readonly stderr: Pick<Writable, 'write'>;
  readonly env: Record<string, string | undefined>;
  /** Where `--lake` starts from. */
  readonly cwd: string;
}

interface Arguments {
  readonly help: boolean;
  readonly sql: string;
  readonly lake: string;
  readonly format: ResultFormat;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        lake: { type: 'string', default: '.lake' },
        format: { type: 'string', default: 'table' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    const [what = ''] = String(Error.isError(cause) ? cause.message : cause).split(/\. |\n/);
    throw new UsageError(`${what}. The options are --lake DIR, --format ${RESULT_FORMATS.join('|')} and --help.`);
  }
}

function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const [sql = '', ...more] = positionals;
  const format = RESULT_FORMATS.find((known) => known === values.format);
  if (!format) throw new UsageError(`Unknown format ${values.format}: use ${RESULT_FORMATS.join(', ')}.`);
  if (values.help) return { help: true, sql, lake: values.lake, format };
  if (more.length > 0) throw new UsageError(`One query, please: put all of it in one pair of quotes, as in ${EXAMPLE}`);
  if (sql.trim() === '') throw new UsageError(`There is no SQL: write it in quotes, as in ${EXAMPLE}`);
  return { help: false, sql, lake: values.lake, format };
}

async function assertLake(lakeDir: string, named: string): Promise<void> {
  const found = await stat(lakeDir).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new Error(`There is no lake in ${named}: run npm start first, or name its folder with --lake.`);
}

async function whyEmpty(lakeDir: string): Promise<string | undefined> {
  if (listKeys(lakeDir, PUBLISHED_PREFIX).length === 0) return 'Nothing is published';
  return readPartitions(lakeDir).length === 0 ? 'Nothing is catalogued' : undefined;
}

async function answer({ sql, lake, format }: Arguments, { stdout, stderr, cwd }: Terminal): Promise<void> {
  const lakeDir = resolve(cwd, lake);
  await assertLake(lakeDir, lake);
  const why = await whyEmpty(lakeDir);
  if (why) stderr.write(`${why} in ${lake} yet, so every table is empty: run npm start.\n`);
  const athena = await openEngine(lakeDir);
  try {
    stdout.write(formatResult(await athena.query({ sql, database: READERS_DATABASE }), format));
  } finally {
    athena.close();
  }
}

function explain(error: unknown): string {
  if (error instanceof SqlError) return `SQL error: ${error.message}`;
  return Error.isError(error) ? error.message : String(error);
}

/** Runs the command and gives its exit code: 0, 1 for a query or a lake that fails, 2 for a wrong command line. */
export async function runQuery(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const wanted = readArguments(argv);
    if (wanted.help) terminal.stdout.write(HELP);
    else await answer(wanted, terminal);
    return 0;
  } catch (error) {
    terminal.stderr.write(`${explain(error)}\n`);
    if (terminal.env.DEBUG && Error.isError(error)) terminal.stderr.write(`${error.stack}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function main(): Promise<void> {
  // A reader such as head that has seen enough closes the pipe: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  const { stdout, stderr, env } = process;
  if (process.argv.includes('--aws')) {
    const [{ main: runOnAws }, { queryOnAws }] = await Promise.all([
      import('../aws/command.ts'),
      import('../aws/query.ts'),
    ]);
    return runOnAws(queryOnAws);
  }
  process.exitCode = await runQuery(process.argv.slice(2), { stdout, stderr, env, cwd: process.cwd() });
}

if (import.meta.main) await main();
