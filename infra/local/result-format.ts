import { displayWidth, printable } from './display-text.ts';

/** A value without classes of any engine. Dates and times are text: `2026-11-23`, `2026-11-23 06:00:00.000`. */
export type Value = string | number | bigint | boolean | null | Value[] | { [key: string]: Value };

export interface QueryResult {
  /** `type` in Athena's words: varchar, integer, bigint, date, … */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly Value[])[];
}

export const RESULT_FORMATS = ['table', 'json', 'csv'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

const NUMBERS = /^(?:tinyint|smallint|integer|bigint|float|double|decimal)/;

// JSON has no 64-bit numbers: beyond 2^53 - 1 the digits are kept as text.
const jsonValue = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
};

/** A value as text; null is the caller's business. */
export function textOf(value: Exclude<Value, null>): string {
  return typeof value === 'object' ? JSON.stringify(value, jsonValue) : String(value);
}

// Two columns may have one name in SQL, but not in an object: the second becomes name_2.
function objectKeys(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let key = name;
    for (let n = 2; taken.has(key); n++) key = `${name}_${n}`;
    taken.add(key);
    return key;
  });
}

function formatJson({ columns, rows }: QueryResult): string {
  const keys = objectKeys(columns.map(({ name }) => name));
  const objects = rows.map((row) => Object.fromEntries(keys.map((key, index) => [key, row[index] ?? null])));
  return `${JSON.stringify(objects, jsonValue, 2)}\n`;
}

// RFC 4180, but for the ends of lines: a shell would take the carriage return for a part of the value. The empty text is
// "" and null is nothing at all, so the two can be told apart.
function csvField(value: Value): string {
  if (value === null) return '';
  const text = textOf(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function formatCsv({ columns, rows }: QueryResult): string {
  const lines = [columns.map(({ name }) => name), ...rows];
  return lines.map((line) => `${line.map(csvField).join(',')}\n`).join('');
}

function formatTable({ columns, rows }: QueryResult): string {
  const header = columns.map(({ name }) => printable(name));
  const cells = rows.map((row) => row.map((value) => (value === null ? 'NULL' : printable(textOf(value)))));
  const widths = header.map((name, column) =>
    cells.reduce((width, row) => Math.max(width, displayWidth(row[column] ?? '')), displayWidth(name)),
  );
  const line = (row: string[]): string => {
    const padded = row.map((cell, column) => {
      const space = ' '.repeat((widths[column] ?? 0) - displayWidth(cell));
      return NUMBERS.test(columns[column]?.type ?? '') ? space + cell : cell + space;
    });
    return padded.join('  ').trimEnd();
  };
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const count = `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`;
  return `${[line(header), rule, ...cells.map(line), count].join('\n')}\n`;
}

/** The result as text that ends with a line break. */
export function formatResult(result: QueryResult, format: ResultFormat): string {
  switch (format) {
    case 'json':
      return formatJson(result);
    case 'csv':
      return formatCsv(result);
    case 'table':
      return formatTable(result);
  }
}
