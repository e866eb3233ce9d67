import type { CfnTable } from 'aws-cdk-lib/aws-glue';
import { PUBLISHED_PREFIX } from '../../functions/domain/lake-paths.ts';
import {
  type Column,
  type ColumnType,
  PARTITION_COLUMNS,
  TABLES,
  type TableName,
} from '../../functions/domain/tables.ts';
import { type Databases, PUBLISHED_COLUMNS, PUBLISHED_TABLE, readerViewSql } from '../reader-views.ts';

/** The tables and views as the Glue catalogue writes them, made from the data contract. */
type TableInput = CfnTable.TableInputProperty;

const SERDE = {
  parquet: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
  json: 'org.openx.data.jsonserde.JsonSerDe',
} as const;

const columnsOf = (columns: readonly Column[]) =>
  columns.map(({ name, type, description }) => ({ name, type, comment: description }));

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

/** As Trino names the types of Athena's tables. */
const VIEW_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'varchar',
  int: 'integer',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp(3)',
};

/**
 * A readers' view, as Athena itself stores the one of a CREATE VIEW: the statement and Trino's column types as base64
 * in the original text, the catalogue's column types beside it.
 */
export function readerView(table: TableName, databases: Databases): TableInput {
  const [snapshotDate] = PARTITION_COLUMNS;
  const columns: readonly Column[] = [...TABLES[table].columns, snapshotDate];
  const view = {
    originalSql: readerViewSql(table, databases),
    catalog: 'awsdatacatalog',
    schema: databases.readers,
    columns: columns.map(({ name, type }) => ({ name, type: VIEW_TYPES[type] })),
  };
  return {
    name: table,
    description: TABLES[table].description,
    tableType: 'VIRTUAL_VIEW',
    parameters: { presto_view: 'true', comment: 'Presto View' },
    viewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(view)).toString('base64')} */`,
    viewExpandedText: '/* Presto View */',
    partitionKeys: [],
    storageDescriptor: { location: '', columns: columnsOf(columns), serdeInfo: {} },
  };
}
