import { DuckDBDateValue, DuckDBDecimalValue, DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import { SqlError } from './sql-error.ts';

const DAY_MS = 86_400_000;

const TEXT = /^'((?:[^']|'')*)'$/;
const INTEGER = /^[+-]?\d{1,18}$/;
const DECIMAL = /^([+-]?)(\d{0,18})\.(\d{1,18})$/;
const DOUBLE = /^[+-]?(?:\d+\.?\d*|\.\d+)E[+-]?\d+$/i;
const DATE = /^DATE '(\d{4}-\d{2}-\d{2})'$/i;
const TIMESTAMP = /^TIMESTAMP '(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)'$/i;

// NaN for a day that does not exist, like 2026-02-30.
function epochMs(text: string): number {
  const ms = Date.parse(`${text.replace(' ', 'T')}${text.includes(':') ? 'Z' : ''}`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text.slice(0, 10) ? Number.NaN : ms;
}

function decimal(sign: string, whole: string, fraction: string): DuckDBDecimalValue {
  const digits = `${whole}${fraction}`;
  return new DuckDBDecimalValue(BigInt(`${sign === '-' ? '-' : ''}${digits}`), digits.length, fraction.length);
}

function literalValue(literal: string): DuckDBValue | undefined {
  const text = TEXT.exec(literal)?.[1];
  if (text !== undefined) return text.replaceAll("''", "'");
  if (INTEGER.test(literal)) return BigInt(literal);
  const [number, sign = '', whole = '', fraction = ''] = DECIMAL.exec(literal) ?? [];
  if (number) return decimal(sign, whole, fraction);
  if (DOUBLE.test(literal)) return Number(literal);
  if (/^(true|false)$/i.test(literal)) return literal.toLowerCase() === 'true';
  if (/^null$/i.test(literal)) return null;
  const day = epochMs(DATE.exec(literal)?.[1] ?? '');
  if (!Number.isNaN(day)) return new DuckDBDateValue(day / DAY_MS);
  const moment = epochMs(TIMESTAMP.exec(literal)?.[1] ?? '');
  return Number.isNaN(moment) ? undefined : new DuckDBTimestampValue(BigInt(moment) * 1000n);
}

/**
 * Athena's `ExecutionParameters` as values for the `?` of a query, in their order. Each is an SQL literal as text, so
 * a string carries its own single quotes. Athena takes other expressions too and evaluates them (`2026-11-23` without
 * quotes is the number 1992), which is never what was meant: those are refused here.
 * Source: https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html
 *
 * @throws SqlError naming the parameter that is not a literal.
 */
export function parameterValues(literals: readonly string[]): DuckDBValue[] {
  return literals.map((literal, index) => {
    const value = literalValue(literal.trim());
    if (value !== undefined) return value;
    throw new SqlError(
      `execution parameter ${index + 1} is not an SQL literal: ${literal}. Put text in single quotes.`,
    );
  });
}
