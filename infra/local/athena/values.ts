import {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Value } from '../result-format.ts';

/** What Athena calls the type in a result's metadata; a type it does not have keeps DuckDB's name. */
export function athenaType(type: DuckDBType): string {
  switch (type.typeId) {
    case DuckDBTypeId.HUGEINT:
      // DuckDB sums whole numbers in 128 bits, Athena in a bigint.
      return 'bigint';
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'timestamp with time zone';
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return 'array';
    case DuckDBTypeId.STRUCT:
      return 'row';
    case DuckDBTypeId.MAP:
      return 'map';
    default:
      return type.toString().toLowerCase();
  }
}

const isoMillis = (micros: bigint): string =>
  new Date(Number(micros / 1000n)).toISOString().replace('T', ' ').replace('Z', '');

/** A value without DuckDB's classes: dates and times are text as Athena writes it, with milliseconds. */
export function plainValue(value: DuckDBValue): Value {
  if (value === null || typeof value !== 'object') return value ?? null;
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBTimestampTZValue) return `${isoMillis(value.micros)} UTC`;
  if (value instanceof DuckDBTimestampValue) return isoMillis(value.micros);
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(plainValue);
  if (value instanceof DuckDBStructValue) return plainEntries(Object.entries(value.entries));
  if (value instanceof DuckDBMapValue) {
    return plainEntries(value.entries.map((entry) => [String(plainValue(entry.key)), entry.value]));
  }
  return value.toString();
}

const plainEntries = (entries: [string, DuckDBValue][]): Value =>
  Object.fromEntries(entries.map(([key, value]) => [key, plainValue(value)]));
