import {
  type Crawler,
  GetCrawlerCommand,
  GetPartitionsCommand,
  GetTablesCommand,
  GlueClient,
  type Table,
} from '@aws-sdk/client-glue';
import { type CatalogEntry, catalogResult } from '../local/catalog-entries.ts';
import { formatResult, RESULT_FORMATS } from '../local/result-format.ts';
import { defineCommand, main, warn } from './command.ts';
import { CommandError, UsageError } from './command-error.ts';
import { requireStack, STACK_CALLS } from './stack.ts';

/** `npm run catalog -- --aws`: what Glue's Data Catalog knows of the lake. */
export const catalogOnAws = defineCommand({
  name: 'npm run catalog -- --aws',
  summary: 'Shows the tables, views and partitions of the lake on AWS, and its last crawl.',
  usage: `[options]

  --format FORMAT  ${RESULT_FORMATS.join(', ')} (default table)
`,
  options: { aws: { type: 'boolean' }, format: { type: 'string', default: 'table' } },
  permissions: { calls: [...STACK_CALLS, 'glue:GetTables', 'glue:GetPartitions', 'glue:GetCrawler'] },
  async run(values, context) {
    const format = RESULT_FORMATS.find((known) => known === values.format);
    if (!format) throw new UsageError(`Unknown format ${values.format}: use ${RESULT_FORMATS.join(', ')}.`);
    const { outputs } = await requireStack(context, 'ReadersDatabaseName', 'StagingDatabaseName', 'CrawlerName');
    const glue = new GlueClient(context.settings);
    const databases = [outputs.ReadersDatabaseName, outputs.StagingDatabaseName];
    const entries = (await Promise.all(databases.map((database) => entriesOf(glue, database)))).flat();
    context.stdout.write(formatResult(catalogResult(entries), format));
    const { Crawler: crawler = {} } = await glue
      .send(new GetCrawlerCommand({ Name: outputs.CrawlerName }))
      .catch((error: unknown) => gone(error, `The crawler ${outputs.CrawlerName}`));
    warn(context, crawlerLine(outputs.CrawlerName, crawler));
    return 0;
  },
});

async function entriesOf(glue: GlueClient, database: string): Promise<CatalogEntry[]> {
  const tables: Table[] = [];
  let token: string | undefined;
  do {
    const { TableList = [], NextToken } = await glue
      .send(new GetTablesCommand({ DatabaseName: database, NextToken: token }))
      .catch((error: unknown) => gone(error, `The database ${database}`));
    tables.push(...TableList);
    token = NextToken;
  } while (token);
  // One after the other: Glue allows few calls a second.
  const entries: CatalogEntry[] = [];
  for (const table of tables) entries.push(await entryOf(glue, database, table));
  return entries;
}

async function entryOf(glue: GlueClient, database: string, table: Table): Promise<CatalogEntry> {
  const { Name = '', TableType, StorageDescriptor, PartitionKeys = [] } = table;
  const isView = TableType === 'VIRTUAL_VIEW';
  const dateAt = PartitionKeys.findIndex((key) => key.Name === 'snapshot_date');
  const partitions = PartitionKeys.length === 0 ? [] : await partitionsOf(glue, database, Name);
  return {
    database,
    name: Name,
    kind: isView ? 'view' : 'table',
    columns: (StorageDescriptor?.Columns?.length ?? 0) + PartitionKeys.length,
    partitions: PartitionKeys.length === 0 ? undefined : partitions.length,
    dates: partitions.map((values) => values[dateAt] ?? ''),
  };
}

/** The values of each partition. */
async function partitionsOf(glue: GlueClient, database: string, table: string): Promise<readonly string[][]> {
  const found: string[][] = [];
  let token: string | undefined;
  do {
    const { Partitions = [], NextToken } = await glue.send(
      new GetPartitionsCommand({
        DatabaseName: database,
        TableName: table,
        ExcludeColumnSchema: true,
        NextToken: token,
      }),
    );
    found.push(...Partitions.map(({ Values = [] }) => Values));
    token = NextToken;
  } while (token);
  return found;
}

function gone(error: unknown, what: string): never {
  if (!Error.isError(error) || error.name !== 'EntityNotFoundException') throw error;
  throw new CommandError(`${what} is gone from Glue: deploy again by npm run deploy.`, { cause: error });
}

function crawlerLine(name: string, { State, LastCrawl }: Crawler): string {
  if (!LastCrawl?.Status) return `Crawler ${name}: ${State}, it has never crawled. The first run does: npm run run:aws`;
  const { Status, StartTime, ErrorMessage, LogGroup, LogStream } = LastCrawl;
  const log = LogGroup ? ` Its log: ${LogGroup}, stream ${LogStream}.` : '';
  const why = ErrorMessage ? `: ${ErrorMessage.replace(/\s+/g, ' ')}` : '';
  return `Crawler ${name}: ${State}, last crawl ${Status} at ${StartTime?.toISOString() ?? 'an unknown time'}${why}.${log}`;
}

if (import.meta.main) await main(catalogOnAws);
