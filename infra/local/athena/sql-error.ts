/**
 * A query that Athena would refuse or fail too: its SQL is wrong, or it asks for more than reading the lake's tables.
 * The message is one line and says where in the SQL, when that is known. Not thrown for a lake that cannot be read.
 */
export class SqlError extends Error {
  override name = 'SqlError' as const;
}

// Names from DuckDB's own catalogue would only mislead.
const FOREIGN_NAME = /^(?:pg_|duckdb_|sqlite_|pragma_|information_schema)/;

function suggestion(message: string): string {
  const [, names = ''] =
    /(?:Did you mean|Candidate bindings:|Candidate functions:) ((?:"[^"\n]+"(?:, )?)+)/.exec(message) ?? [];
  const [known] = [...names.matchAll(/"([^"]+)"/g)]
    .map(([, name = '']) => name)
    .filter((name) => !FOREIGN_NAME.test(name));
  return known ? ` (did you mean ${known}?)` : '';
}

/**
 * DuckDB's message of several lines as one: `line 3: Referenced column "nmae" not found in FROM clause (did you mean
 * name?)`. Its kind of error, its drawing of the place and its advice about settings are left out.
 */
export function sqlErrorFrom(cause: unknown): SqlError {
  const message = Error.isError(cause) ? cause.message : String(cause);
  if (message.includes('file system operations are disabled') || message.includes('disabled through configuration')) {
    return new SqlError('a query may only read the tables of the lake', { cause });
  }
  const [first = ''] = message.replace(/^(?:[A-Z][A-Za-z]* )+Error: /, '').split('\n');
  const [, line] = /\nLINE (\d+): /.exec(message) ?? [];
  const what = first.replace(/[!.\s]+$/, '');
  return new SqlError(`${line ? `line ${line}: ` : ''}${what}${suggestion(message)}`, { cause });
}
