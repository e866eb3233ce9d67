import { TrinoSQL } from 'dt-sql-parser';

const grammar = new TrinoSQL();

/** What Trino's grammar has against a text, one line a mistake; empty when it is fine. */
export function grammarErrors(sql: string): string[] {
  return grammar.validate(sql).map(({ startLine, startColumn, message }) => `${startLine}:${startColumn} ${message}`);
}
