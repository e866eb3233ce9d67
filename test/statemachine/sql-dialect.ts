import { type Column, type ColumnType, PARTITION_COLUMNS, TABLES } from '../../functions/domain/tables.ts';

/**
 * Constructs to which Athena and DuckDB give different answers without an error, measured with Athena engine 3 and
 * DuckDB 1.5. SQL that both run (the validation query, the views) must do without them. A heuristic over the text: it
 * knows literals and the columns of the data contract, not the types of expressions.
 *
 * Not here, because `infra/local/athena/trino-macros.sql` or a setting mends them: whole-number division, date_diff, date_trunc
 * of a date, regexp_replace, and concat, greatest and least with null.
 */
interface DialectRule {
  readonly name: string;
  readonly instead: string;
  readonly pattern: RegExp;
}

export interface DialectProblem {
  readonly rule: string;
  readonly instead: string;
  readonly found: string;
}

const COLUMNS: readonly Column[] = [...Object.values(TABLES).map((table) => table.columns), PARTITION_COLUMNS].flat();
const columns = (wanted: (type: ColumnType) => boolean): string =>
  `(?:\\w+\\.)?(?:${COLUMNS.filter(({ type }) => wanted(type))
    .map(({ name }) => name)
    .join('|')})\\b`;

const TEXT = columns((type) => type === 'string');
const OTHER = columns((type) => type !== 'string');
const MOMENT = columns((type) => type === 'timestamp');
const DAY = columns((type) => type === 'date');
const COMPARES = '(?:=|<>|!=|<=|>=|<|>)';
const ARGUMENT = '(?:[^()]|\\((?:[^()]|\\([^()]*\\))*\\))*?';
const either = (...patterns: string[]): RegExp =>
  new RegExp(patterns.map((pattern) => `(?:${pattern})`).join('|'), 'g');

export const DIALECT_RULES: readonly DialectRule[] = [
  {
    name: 'division by what may be 0',
    instead: 'divide by nullif(x, 0): Athena fails, DuckDB answers null',
    pattern: either('/(?! ?nullif ?\\()(?! ?[1-9])'),
  },
  {
    name: 'text joined with something else',
    instead: 'cast(x as varchar): Athena refuses it',
    pattern: either('\\|\\| ?\\d', '\\d ?\\|\\|', `\\|\\| ?${OTHER}`, `(?:^|[ (,])${OTHER} ?\\|\\|`),
  },
  {
    name: 'text compared with a number',
    instead: 'compare like with like: Athena refuses it',
    pattern: either(
      `'' ?${COMPARES} ?\\d`,
      `\\d ?${COMPARES} ?''`,
      `\\b${TEXT} ?${COMPARES} ?\\d`,
      `\\b${columns((type) => type === 'int')} ?${COMPARES} ?''`,
    ),
  },
  {
    name: 'fraction cast to a whole number',
    instead: 'floor, ceil or round first: halves are rounded differently',
    pattern: either(
      `cast ?\\(${ARGUMENT}(?:\\d\\.\\d|/|avg ?\\([^()]*\\))${ARGUMENT} as (?:tiny|small|big)?int(?:eger)?\\b`,
    ),
  },
  {
    name: 'time cast to text',
    instead: 'date_format(x, …): the milliseconds are written differently',
    pattern: either(
      `cast ?\\( ?(?:${MOMENT}|timestamp ''|(?:current_|local)timestamp|now ?\\( ?\\)|from_iso8601_timestamp ?\\(${ARGUMENT}\\)) as varchar`,
    ),
  },
  {
    name: 'round to a number of places',
    instead: 'format at the edge: the scale of a decimal differs',
    pattern: either(`\\bround ?\\(${ARGUMENT},`),
  },
  {
    name: 'sum without a type',
    instead: 'cast(sum(x) as bigint): DuckDB sums whole numbers in 128 bits',
    pattern: either('(?<!cast ?\\( ?)\\bsum ?\\('),
  },
  {
    name: 'date minus date',
    instead: "date_diff('day', a, b): Athena gives an interval, DuckDB a number",
    pattern: either(`(?:date ''|\\bcurrent_date|\\b${DAY}) ?-(?! ?interval)`),
  },
  {
    name: 'at time zone',
    instead: 'keep times in UTC: a time without a zone is read the other way round',
    pattern: either('\\bat time zone\\b'),
  },
];

// Comments go, the content of literals goes (so no word in them is taken for SQL), white space becomes one space.
const normalise = (sql: string): string =>
  sql
    .replace(/'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g, (found) => (found.startsWith("'") ? "''" : ' '))
    .replace(/\s+/g, ' ')
    .toLowerCase();

/** Each `SELECT` with the text at its own level: what stands in deeper parentheses is left out. */
function selects(sql: string): string[] {
  const levels: string[] = [''];
  const done: string[] = [];
  for (const character of sql) {
    if (character === '(') levels.push('');
    else if (character === ')') done.push(levels.pop() ?? '');
    else levels[levels.length - 1] += character;
  }
  return [...done, ...levels].flatMap((text) => text.split(/\bunion(?: all)?\b|\bexcept\b|\bintersect\b/));
}

// Athena takes the name for a column: it fails, or groups by another thing than DuckDB.
function groupedAliases(sql: string): string[] {
  return selects(sql).flatMap((select) => {
    const [, list = ''] = /\bselect (.*?) from\b/.exec(select) ?? [];
    const [, items = ''] = /\bgroup by (.*?)(?= having | order | limit |$)/.exec(select) ?? [];
    const aliases = [...list.matchAll(/([\w.]*) as (\w+)/g)].flatMap(([, from, alias = '']) =>
      from === alias ? [] : [alias],
    );
    return items
      .split(',')
      .map((item) => item.trim())
      .filter((item) => aliases.includes(item));
  });
}

/** What in the text of a query Athena and DuckDB would answer differently; empty when nothing is known. */
export function dialectProblems(sql: string): DialectProblem[] {
  const text = normalise(sql);
  const found = DIALECT_RULES.flatMap(({ name, instead, pattern }) =>
    [...text.matchAll(pattern)].map(([match]) => ({ rule: name, instead, found: match })),
  );
  const aliases = groupedAliases(text).map((alias) => ({
    rule: 'group by an alias',
    instead: 'repeat the expression, or group by its number',
    found: alias,
  }));
  return [...found, ...aliases];
}
