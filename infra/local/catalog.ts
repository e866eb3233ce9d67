import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { ConfigError, InvalidInputError } from '../../functions/domain/errors.ts';
import { PUBLISHED_PREFIX } from '../../functions/domain/lake-paths.ts';
import { TABLE_NAMES, TABLES } from '../../functions/domain/tables.ts';
import { DERIVED_VIEWS } from '../derived-views.ts';
import { PUBLISHED_COLUMNS, PUBLISHED_TABLE, READERS_DATABASE, STAGING_DATABASE } from '../reader-views.ts';
import { type CatalogEntry, catalogResult } from './catalog-entries.ts';
import { listKeys, readPartitions } from './glue/partitions.ts';
import { formatResult, RESULT_FORMATS } from './result-format.ts';

const HELP = `Shows the tables, views and partitions of the local lake; with --aws, of the one on AWS.

  npm run catalog -- [options]

  --lake DIR       folder of the lake (default .lake)
  --format FORMAT  ${RESULT_FORMATS.join(', ')} (default table)
  --aws            the lake on AWS, by Glue: see npm run catalog -- --aws --help
  --help           this text
`;

/** What the last local crawl has registered. */
export async function localCatalog(lakeDir: string): Promise<CatalogEntry[]> {
  const partitions = readPartitions(lakeDir);
  const view = (name: string, columns: number): CatalogEntry => {
    return { database: READERS_DATABASE, name, kind: 'view', columns, partitions: undefined, dates: [] };
  };
  const tables = TABLE_NAMES.flatMap((name): CatalogEntry[] => {
    const dates = partitions.filter(({ table }) => table === name).map((partition) => partition.snapshot_date);
    // With snapshot_date, and in the staging table run_id.
    const columns = TABLES[name].columns.length + 1;
    return [
      view(name, columns),
      { database: STAGING_DATABASE, name, kind: 'table', columns: columns + 1, partitions: dates.length, dates },
    ];
  });
  const published: CatalogEntry = {
    database: READERS_DATABASE,
    name: PUBLISHED_TABLE,
    kind: 'table',
    columns: PUBLISHED_COLUMNS.length,
    partitions: undefined,
    dates: listKeys(lakeDir, PUBLISHED_PREFIX).map((key) => /snapshot_date=(\d{4}-\d\d-\d\d)/.exec(key)?.[1] ?? ''),
  };
  return [...tables, ...DERIVED_VIEWS.map(({ name, columns }) => view(name, columns.length)), published];
}

interface Terminal {
  readonly stdout: Pick<Writable, 'write'>;
  readonly stderr: Pick<Writable, 'write'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Gives the exit code: 0, 1 for a lake that cannot be read, 2 for a wrong command line. */
export async function runCatalog(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const { help, lake, format } = readOptions(argv);
    if (help) terminal.stdout.write(HELP);
    else
      terminal.stdout.write(formatResult(catalogResult(await localCatalog(await lakeIn(terminal.cwd, lake))), format));
    return 0;
  } catch (error) {
    const { message, stack } = error as Error;
    terminal.stderr.write(`${(terminal.env.DEBUG && stack) || message}\n`);
    return error instanceof InvalidInputError ? 2 : 1;
  }
}

function readOptions(argv: readonly string[]) {
  const options = {
    lake: { type: 'string', default: '.lake' },
    format: { type: 'string', default: 'table' },
    help: { type: 'boolean', default: false },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    values = parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    const [sentence] = (cause as Error).message.split(/\. |\n/);
    throw new InvalidInputError(`${sentence}. See npm run catalog -- --help`, { cause });
  }
  const format = RESULT_FORMATS.find((known) => known === values.format);
  if (!format) throw new InvalidInputError(`Unknown format ${values.format}: use ${RESULT_FORMATS.join(', ')}.`);
  return { help: values.help, lake: values.lake, format };
}

async function lakeIn(cwd: string, lake: string): Promise<string> {
  const lakeDir = resolve(cwd, lake);
  if ((await stat(lakeDir).catch(() => undefined))?.isDirectory()) return lakeDir;
  throw new ConfigError(`There is no lake in ${lake}: run npm start first, or name its folder with --lake.`);
}

async function main(): Promise<void> {
  if (process.argv.includes('--aws')) {
    const [{ main: runOnAws }, { catalogOnAws }] = await Promise.all([
      import('../aws/command.ts'),
      import('../aws/catalog.ts'),
    ]);
    return runOnAws(catalogOnAws);
  }
  const { stdout, stderr, env } = process;
  process.exitCode = await runCatalog(process.argv.slice(2), { stdout, stderr, env, cwd: process.cwd() });
}

if (import.meta.main) await main();
