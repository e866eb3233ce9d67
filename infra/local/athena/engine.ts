import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { LakeStateError } from '../../../functions/domain/errors.ts';
import { READERS_DATABASE, STAGING_DATABASE } from '../../reader-views.ts';
import type { QueryResult } from '../result-format.ts';
import { CONTRACT_TYPES, catalogSql, listCatalogFiles, quoted } from './catalog-sql.ts';
import { assertOneSelect } from './one-select.ts';
import { parameterValues } from './parameters.ts';
import { SqlError, sqlErrorFrom } from './sql-error.ts';
import { athenaType, plainValue } from './values.ts';

export interface AthenaQuery {
  readonly sql: string;
  /** The database of names that are written without one. */
  readonly database: typeof READERS_DATABASE | typeof STAGING_DATABASE;
  /** Athena's ExecutionParameters: an SQL literal for each `?`, in order. */
  readonly parameters?: readonly string[];
}

export interface AthenaEngine {
  /**
   * Answers one SELECT over what the catalogue holds at this moment.
   *
   * @throws SqlError when the SQL is wrong, or is more than one statement, or does anything but read.
   * @throws LakeStateError when a Parquet file does not have the types of the data contract.
   */
  query(request: AthenaQuery): Promise<QueryResult>;
  close(): void;
}

// Athena's name for the Glue catalogue, so that a name of three parts works too.
const CATALOG = 'awsdatacatalog';
const MACRO_SCHEMA = 'memory.trino';
const MACROS = join(import.meta.dirname, 'trino-macros.sql');

const NO_EXTENSIONS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };

/**
 * Another execution's Publish may remove the files of the run it replaces between our listing and our reading. Athena
 * opens only the partitions that a query asks for; DuckDB opens every listed file, so it lists again. A run has files in
 * six tables, which go one after the other, and each can be the next one missed: two seconds outlast any number of
 * them that a busy machine removes at once.
 */
const TRIES_AFTER_A_REMOVAL = 100;
const PAUSE_AFTER_A_REMOVAL_MS = 20;
const isFileGone = (error: unknown): boolean =>
  Error.isError(error) && /No files found that match|Cannot open file/.test(error.message);

async function setUp(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    SET temp_directory = '';
    SET enable_external_file_cache = false; -- a re-run writes the same path again
    ATTACH ':memory:' AS ${CATALOG};
    CREATE SCHEMA ${CATALOG}.${READERS_DATABASE};
    CREATE SCHEMA ${CATALOG}.${STAGING_DATABASE};
    CREATE SCHEMA ${MACRO_SCHEMA};
    USE ${MACRO_SCHEMA};
  `);
  await connection.run(await readFile(MACROS, 'utf8'));
}

/**
 * From here on no statement can reach a file outside the two folders that tables are made of, load an extension or
 * change a setting back. Writing into those folders is what `assertOneSelect` refuses, since DuckDB knows no folder
 * for reading only.
 */
async function lock(connection: DuckDBConnection, lakeDir: string): Promise<void> {
  const readable = ['transformed', 'published'].map((folder) => quoted(join(lakeDir, folder)));
  await connection.run(`
    SET allowed_directories = [${readable.join(', ')}];
    SET enable_external_access = false;
    SET lock_configuration = true;
  `);
}

async function connect(instance: DuckDBInstance, database: string): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run(`
    SET TimeZone = 'UTC';
    SET integer_division = true; -- 7 / 2 is 3 in Trino
    SET search_path = ${quoted(`${CATALOG}.${database},${MACRO_SCHEMA}`)};
  `);
  return connection;
}

async function assertContractTypes(connection: DuckDBConnection): Promise<void> {
  const columns = await connection.runAndReadAll(
    `SELECT table_name || '.' || column_name, data_type FROM duckdb_columns() WHERE schema_name = '${STAGING_DATABASE}'`,
  );
  for (const [column, type] of columns.getRows()) {
    const expected = CONTRACT_TYPES.get(String(column));
    if (type === expected) continue;
    throw new LakeStateError(`The Parquet files of ${column} hold ${type}, the data contract says ${expected}.`);
  }
}

/** Athena numbers a column without a name of its own; DuckDB writes its expression out, such as `count_star()`. */
const athenaName = (name: string, index: number): string => (/\(.*\)$/s.test(name) ? `_col${index}` : name);

async function run(connection: DuckDBConnection, sql: string, parameters: readonly string[]): Promise<QueryResult> {
  await assertOneSelect(connection, sql);
  const prepared = await connection.prepare(sql);
  if (prepared.parameterCount !== parameters.length) {
    throw new SqlError(
      `the query has ${prepared.parameterCount} ?, but ${parameters.length} execution parameters came`,
    );
  }
  prepared.bind(parameterValues(parameters));
  const result = await prepared.runAndReadAll();
  const types = result.columnTypes();
  return {
    columns: result.columnNames().map((name, index) => ({
      name: athenaName(name, index),
      type: types[index] ? athenaType(types[index]) : '',
    })),
    rows: result.getRows().map((row) => row.map(plainValue)),
  };
}

/**
 * Athena's SQL on this machine: DuckDB in memory over the lake's Parquet files, with Trino's functions where DuckDB's
 * differ. Queries run one after the other, each over the partitions that are registered and published when it starts.
 */
export async function openEngine(lake: string): Promise<AthenaEngine> {
  const lakeDir = resolve(lake);
  const instance = await DuckDBInstance.create(':memory:', NO_EXTENSIONS);
  const owner = await instance.connect();
  await setUp(owner);
  await owner.run(`USE ${CATALOG}.${READERS_DATABASE}`);
  const connections = {
    [READERS_DATABASE]: await connect(instance, READERS_DATABASE),
    [STAGING_DATABASE]: await connect(instance, STAGING_DATABASE),
  };
  await lock(owner, lakeDir);

  let catalogued = '';
  const refresh = async (): Promise<void> => {
    const sql = catalogSql(await listCatalogFiles(lakeDir)).join(';\n');
    if (sql === catalogued) return;
    catalogued = '';
    await owner.run(sql);
    await assertContractTypes(owner);
    catalogued = sql;
  };

  const answer = async (request: AthenaQuery, triesLeft = TRIES_AFTER_A_REMOVAL): Promise<QueryResult> => {
    const { sql, database, parameters = [] } = request;
    try {
      await refresh();
      return await run(connections[database], sql, parameters);
    } catch (error) {
      if (triesLeft > 0 && isFileGone(error)) {
        await sleep(PAUSE_AFTER_A_REMOVAL_MS);
        return answer(request, triesLeft - 1);
      }
      throw error instanceof SqlError || error instanceof LakeStateError ? error : sqlErrorFrom(error);
    }
  };

  let last: Promise<unknown> = Promise.resolve();
  return {
    query(request) {
      const result = last.then(() => answer(request));
      last = result.catch(() => undefined);
      return result;
    },
    close() {
      for (const connection of [owner, ...Object.values(connections)]) connection.closeSync();
      instance.closeSync();
    },
  };
}
