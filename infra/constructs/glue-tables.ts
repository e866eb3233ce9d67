import type { CfnTable } from 'aws-cdk-lib/aws-glue';
import { PUBLISHED_PREFIX } from '../../functions/domain/lake-paths.ts';
import { type ColumnType, PARTITION_COLUMNS, TABLES, type TableName } from '../../functions/domain/tables.ts';
import { type DerivedView, derivedViewSql } from '../derived-views.ts';
import { type Databases, PUBLISHED_COLUMNS, PUBLISHED_TABLE, readerViewSql } from '../reader-views.ts';

/** The tables and views as the Glue catalogue writes them, made from the data contract. */
type TableInput = CfnTable.TableInputProperty;

const SERDE = {
  parquet: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
  json: 'org.openx.data.jsonserde.JsonSerDe',
} as const;

const columnsOf = (columns: Described['columns']) =>
  columns.map(({ name, type, description }) => ({
    name,
    type: glueType(type),
    ...(description && { comment: description }),
  }));

/** A staging table over `transformed/<table>/`. Its partitions are registered by the crawler. */
export function stagingTable(table: TableName, bucketName: string): TableInput {
  return {
    name: table,
    description: TABLES[table].description,
    tableType: 'EXTERNAL_TABLE',
    parameters: { classification: 'parquet', EXTERNAL: 'TRUE' },
    partitionKeys: columnsOf(PARTITION_COLUMNS),
    storageDescriptor: {
      location: `s3://${bucketName}/transformed/${table}/`,
      columns: columnsOf(TABLES[table].columns),
      inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      serdeInfo: { serializationLibrary: SERDE.parquet, parameters: { 'serialization.format': '1' } },
    },
  };
}

/** Which run of a date readers see: one line of JSON an object, a date an object. */
export const publishedTable = (bucketName: string): TableInput => ({
  name: PUBLISHED_TABLE,
  description: 'Which run of each date the views show.',
  tableType: 'EXTERNAL_TABLE',
  parameters: { classification: 'json', EXTERNAL: 'TRUE' },
  storageDescriptor: {
    location: `s3://${bucketName}/${PUBLISHED_PREFIX}`,
    columns: PUBLISHED_COLUMNS.map((name) => ({ name, type: 'string' })),
    inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
    outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
    serdeInfo: { serializationLibrary: SERDE.json, parameters: { 'serialization.format': '1' } },
  },
});

/** As Hive names what has a name of its own here. */
const glueType = (type: ColumnType | 'bigint'): string => (type === 'strings' ? 'array<string>' : type);

/** As Trino names the types of Athena's tables. */
const VIEW_TYPES: Readonly<Record<ColumnType | 'bigint', string>> = {
  string: 'varchar',
  int: 'integer',
  bigint: 'bigint',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp(3)',
  strings: 'array(varchar)',
};

/** A readers' view: the published snapshots of a table. */
export function readerView(table: TableName, databases: Databases): TableInput {
  const [snapshotDate] = PARTITION_COLUMNS;
  const { columns, description } = TABLES[table];
  return view(
    { name: table, description, columns: [...columns, snapshotDate] },
    readerViewSql(table, databases),
    databases,
  );
}

/** A view over the readers' views. */
export function derivedView({ name, description, columns }: DerivedView, databases: Databases): TableInput {
  const typed = columns.map(([column, type]) => ({ name: column, type }));
  return view({ name, description, columns: typed }, derivedViewSql({ name }, databases.readers), databases);
}

interface Described {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: keyof typeof VIEW_TYPES;
    readonly description?: string;
  }[];
}

/**
 * As Athena itself stores a view of CREATE VIEW: the statement and Trino's column types as base64 in the original text,
 * the catalogue's column types beside it.
 */
function view({ name, description, columns }: Described, originalSql: string, { readers }: Databases): TableInput {
  const stored = {
    originalSql,
    catalog: 'awsdatacatalog',
    schema: readers,
    columns: columns.map((column) => ({ name: column.name, type: VIEW_TYPES[column.type] })),
  };
  return {
    name,
    description,
    tableType: 'VIRTUAL_VIEW',
    parameters: { presto_view: 'true', comment: 'Presto View' },
    viewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(stored)).toString('base64')} */`,
    viewExpandedText: '/* Presto View */',
    partitionKeys: [],
    storageDescriptor: { location: '', columns: columnsOf(columns), serdeInfo: {} },
  };
}
