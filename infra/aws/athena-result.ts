import type { ColumnInfo, ResultSet } from '@aws-sdk/client-athena';
import type { QueryResult, Value } from '../local/result-format.ts';

/** Athena sends every value as text; the numbers and truth values become what they are, as in a local answer. */
function typedValue(text: string | undefined, type: string): Value {
  if (text === undefined) return null;
  switch (type) {
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint': {
      const whole = BigInt(text);
      return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
    }
    case 'float':
    case 'double':
      // JSON knows no NaN and no Infinity: those stay text.
      return Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return text === 'true';
    default:
      return text;
  }
}

/** All pages of a query's result as one. The first row of a SELECT repeats the names of the columns. */
export function queryResult(pages: readonly ResultSet[]): QueryResult {
  const info: readonly ColumnInfo[] = pages[0]?.ResultSetMetadata?.ColumnInfo ?? [];
  const columns = info.map(({ Name = '', Type = 'varchar' }) => ({ name: Name, type: Type }));
  const texts = pages.flatMap(({ Rows = [] }) =>
    Rows.map(({ Data = [] }) => columns.map((_, index) => Data[index]?.VarCharValue)),
  );
  const [first] = texts;
  const hasHeader = first !== undefined && columns.every(({ name }, index) => first[index] === name);
  return {
    columns,
    rows: (hasHeader ? texts.slice(1) : texts).map((row) =>
      row.map((text, index) => typedValue(text, columns[index]?.type ?? 'varchar')),
    ),
  };
}
