import { createHash } from 'node:crypto';
import { type Column, PARTITION_COLUMNS, TABLES, type Table } from '../functions/domain/tables.ts';

/** `docs/data-contract.md`: the tables in words, made from the tables as data. */
export function dataContract(): string {
  return [
    '# Data contract',
    '',
    'Made by `npm run generate` from `functions/domain/tables.ts`; a test says when it is stale.',
    '',
    'Readers query these as views in the database `playlist_lake`: every row has `snapshot_date` too, and only published',
    'snapshots show. Underneath, in `playlist_lake_staging`, stand the tables that the pipeline writes and checks.',
    '',
    ...section('Partition columns of every table', PARTITION_COLUMNS),
    ...Object.entries(TABLES).flatMap(([name, table]: [string, Table]) => [
      ...section(`\`${name}\``, table.columns, [
        `${table.description} Key: ${[...table.key, 'snapshot_date'].map((c) => `\`${c}\``).join(', ')}.`,
        '',
      ]),
    ]),
  ].join('\n');
}

const section = (title: string, columns: readonly Column[], before: readonly string[] = []): string[] => [
  `## ${title}`,
  '',
  ...before,
  '| column | type | null | what it means | source |',
  '| --- | --- | --- | --- | --- |',
  ...columns.map(
    ({ name, type, nullable, description, source }) =>
      `| \`${name}\` | ${type} | ${nullable ? 'yes' : 'no'} | ${description} | ${source.replaceAll('|', '\\|')} |`,
  ),
  '',
];

/** Twelve hexadecimal digits that change with anything that readers' SQL depends on: not with descriptions and sources. */
export function contractFingerprint(
  tables: Readonly<Record<string, Table>> = TABLES,
  partitions: readonly Column[] = PARTITION_COLUMNS,
): string {
  const shape = (columns: readonly Column[]) => columns.map(({ name, type, nullable }) => [name, type, nullable]);
  const all = Object.entries(tables).map(([name, { key, columns }]) => [name, key, shape(columns)]);
  return createHash('sha256')
    .update(JSON.stringify([all, shape(partitions)]))
    .digest('hex')
    .slice(0, 12);
}
