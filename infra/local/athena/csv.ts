import { type QueryResult, textOf, type Value } from '../result-format.ts';

// A double in Java's way: 1.0, not 1.
const athenaText = (value: Exclude<Value, null>, type: string): string =>
  type === 'double' && Number.isInteger(value) ? `${value}.0` : textOf(value);

const field = (value: Value, type: string): string =>
  value === null ? '' : `"${athenaText(value, type).replaceAll('"', '""')}"`;

/** A result file as Athena keeps it: every value in double quotes, null as nothing, the column names first. */
export function athenaCsv({ columns, rows }: QueryResult): string {
  const lines = [
    columns.map(({ name }) => field(name, 'varchar')),
    ...rows.map((row) => row.map((value, index) => field(value, columns[index]?.type ?? ''))),
  ];
  return lines.map((line) => `${line.join(',')}\n`).join('');
}

/** The fields of each line of such a file, the header included. */
export function parseAthenaCsv(csv: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  for (const [, quoted, end] of csv.matchAll(/(?:"((?:[^"]|"")*)")?([,\n])/g)) {
    row.push(quoted === undefined ? null : quoted.replaceAll('""', '"'));
    if (end !== '\n') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
