import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ManifestSchema } from '../functions/domain/manifest.ts';
import { type Column, PARTITION_COLUMNS, TABLES, type Table } from '../functions/domain/tables.ts';
import { DERIVED_VIEWS, type DerivedView } from './derived-views.ts';

/** `docs/data-contract.md`: the tables in words, made from the tables as data. */
export function dataContract(): string {
  return [
    '# Data contract',
    '',
    'Made by `npm run generate` from `functions/domain/tables.ts`; a test says when it is stale.',
    '',
    'Readers query these as views in the database `playlist_lake`: every row has `snapshot_date` too, and only published',
    'snapshots show. Underneath, in `playlist_lake_staging`, stand the tables that the pipeline writes and checks. There, a',
    '`uri` or `external_url` holds `{id}` in the place of the ID that it ends in, `release_date_text` holds `{date}` where it',
    'ends in `release_date`, and `{}` stands for a `{`; the views give the whole text back (decision 0012 says why).',
    'A `strings` is a list: `array(varchar)` to Athena, `array<string>` to Glue, `VARCHAR[]` to DuckDB.',
    '',
    ...section('Partition columns of every table', PARTITION_COLUMNS),
    ...Object.entries(TABLES).flatMap(([name, table]: [string, Table]) => [
      ...section(`\`${name}\``, table.columns, [
        `${table.description} Key: ${[...table.key, 'snapshot_date'].map((c) => `\`${c}\``).join(', ')}.`,
        '',
      ]),
    ]),
    '## Views made of these',
    '',
    'In `playlist_lake` only; each is a SELECT in `infra/views/`. An artist without an ID has no row in `track_artists` and',
    '`album_artists`, and the positions of the others stay as they are.',
    '',
    ...DERIVED_VIEWS.flatMap(({ name, description, columns }) => [
      `- \`${name}\`: ${description} Columns: ${columns.map(([column, type]) => `\`${column}\` ${type}`).join(', ')}.`,
    ]),
    '',
    ...manifestSection(),
  ].join('\n');
}

/** What every field of the manifest means; a test holds the names against the schema. */
const MANIFEST_FIELDS: Readonly<Record<string, string>> = {
  manifest_version: '1',
  software_version: 'Of the program that wrote it.',
  run_id: 'Name of the execution.',
  snapshot_date: 'The date the snapshot stands for.',
  started_at: 'When the execution started, UTC.',
  finished_at: 'When the last playlist was accounted for, UTC.',
  status: 'complete, or partial when a playlist could not be read.',
  market: 'The market asked for; null: that of the user.',
  keep_personal_data: 'Whether the tables keep owner IDs and who added an entry.',
  regime: 'Access regime that the answers showed: A, B or C.',
  entries: 'Entries of all playlists.',
  'calls.made': 'Calls of the Web API that were answered; repeats not counted.',
  'calls.budget':
    'The most that they may be: `1 + ceil(max(0, n - 100) / 50) + 1` for a changed playlist of n entries, 0 for an unchanged one, and the pages of the user’s list.',
  token_days_left: 'Days until the consent ends; null: not known.',
  'playlists[].playlist_id': 'Spotify ID; `savedtracks` stands for the saved tracks.',
  'playlists[].status': 'complete, gone, forbidden or not_yours.',
  'playlists[].reason': 'Spotify’s words, when it could not be read.',
  'playlists[].regime': 'As above, for this playlist.',
  'playlists[].snapshot_id': 'Spotify’s version, the same before and after the reading.',
  'playlists[].total': 'Entries that Spotify counts; those of the objects add up to it.',
  'playlists[].calls': 'Answered calls of this run for it.',
  'playlists[].objects[].key': 'Whole key in the lake; of an unchanged playlist, below the date and run that read it.',
  'playlists[].objects[].offset': 'Position of its first entry.',
  'playlists[].objects[].entries': 'Entries in it.',
  'playlists[].objects[].bytes': 'Size as stored, gzipped.',
  'playlists[].objects[].sha256': 'Of the object as stored.',
  'spotify.calls': 'All attempts by method, endpoint and status, token calls too.',
  'spotify.retries': 'Attempts that repeated a failed one.',
  'spotify.waited_ms': 'Time waited inside calls.',
  'spotify.bytes': 'Of all bodies, decoded.',
};

/** Throws when a field of the schema is not explained, or an explained one is not there. */
function manifestSection(): string[] {
  const fields = fieldsOf(z.toJSONSchema(ManifestSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema);
  const unexplained = fields.filter((name) => !(name in MANIFEST_FIELDS));
  const unknown = Object.keys(MANIFEST_FIELDS).filter((name) => !fields.includes(name));
  if (unexplained.length + unknown.length > 0) {
    throw new Error(`manifest fields to explain: ${unexplained.join(', ')}; gone: ${unknown.join(', ')}`);
  }
  return [
    '## The manifest of a run',
    '',
    '`raw/snapshot_date=…/run_id=…/manifest.json` says what was asked, what came, and what is missing. Transform reads the',
    'objects that it names and no others. It is checked whenever it is read (`functions/domain/manifest.ts`).',
    '',
    '| field | what it means |',
    '| --- | --- |',
    ...fields.map((name) => `| \`${name}\` | ${MANIFEST_FIELDS[name]} |`),
    '',
  ];
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

/** The names of all values, those of lists with `[]`. */
function fieldsOf({ properties = {} }: JsonSchema, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    if (schema.items?.properties) return fieldsOf(schema.items, `${prefix}${name}[].`);
    return schema.properties ? fieldsOf(schema, `${prefix}${name}.`) : [`${prefix}${name}`];
  });
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
  views: readonly DerivedView[] = DERIVED_VIEWS,
): string {
  const shape = (columns: readonly Column[]) =>
    columns.map(({ name, type, nullable, ending }) => [name, type, nullable, ...(ending ? [ending] : [])]);
  const all = Object.entries(tables).map(([name, { key, columns }]) => [name, key, shape(columns)]);
  return createHash('sha256')
    .update(JSON.stringify([all, shape(partitions), views.map(({ name, columns }) => [name, columns])]))
    .digest('hex')
    .slice(0, 12);
}
