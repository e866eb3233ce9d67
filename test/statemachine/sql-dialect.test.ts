import { describe, expect, test } from '@jest/globals';
import { DIALECT_RULES, dialectProblems } from './sql-dialect.ts';

const EXAMPLES: Record<string, { refused: string[]; instead: string[] }> = {
  'division by what may be 0': {
    refused: ['SELECT 1/0', 'SELECT sum_ms / tracks FROM t'],
    instead: ['SELECT a / nullif(b, 0) FROM t', 'SELECT duration_ms / 1000 FROM t', "SELECT 'a/b'", 'SELECT 1 -- a/b'],
  },
  'text joined with something else': {
    refused: ["SELECT 'a' || 1", "SELECT 1 || 'a'", "SELECT 'at ' || position FROM t", "SELECT t.total || '' FROM t"],
    instead: ["SELECT 'at ' || CAST(position AS varchar) FROM t", 'SELECT playlist_id || title FROM t'],
  },
  'text compared with a number': {
    refused: ["SELECT '1' = 1", "SELECT 1 < '2'", 'SELECT 1 FROM t WHERE track_id = 7', "SELECT t.total > '5' FROM t"],
    instead: ["SELECT 1 FROM t WHERE track_id = '7' AND position = 7"],
  },
  'fraction cast to a whole number': {
    refused: [
      'SELECT CAST(2.5 AS integer)',
      'SELECT CAST(avg(x) AS bigint) FROM t',
      'SELECT cast(x / 2 as int) FROM t',
    ],
    instead: ['SELECT CAST(count(*) AS bigint) FROM t', "SELECT CAST('12' AS integer)"],
  },
  'time cast to text': {
    refused: ['SELECT CAST(added_at AS varchar) FROM t', 'SELECT CAST(now() AS varchar)'],
    instead: ['SELECT CAST(release_date AS varchar) FROM t', "SELECT date_format(added_at, '%Y') FROM t"],
  },
  'round to a number of places': {
    refused: ['SELECT round(1.25, 1)', 'SELECT round(coalesce(a, b), 2) FROM t'],
    instead: ['SELECT round(x), y FROM t'],
  },
  'sum without a type': {
    refused: ['SELECT sum(total) FROM t'],
    instead: ['SELECT CAST(sum(total) AS bigint) FROM t', 'SELECT checksum(total) FROM t'],
  },
  'date minus date': {
    refused: ["SELECT DATE '2026-11-23' - release_date FROM t", 'SELECT a.release_date - b.release_date FROM a, b'],
    instead: ["SELECT current_date - INTERVAL '7' DAY"],
  },
  'at time zone': {
    refused: ["SELECT added_at AT TIME ZONE 'Europe/Oslo' FROM t"],
    instead: ['SELECT added_at FROM t'],
  },
  'group by an alias': {
    refused: ['SELECT lower(name) AS plain, count(*) FROM t GROUP BY plain ORDER BY plain'],
    instead: [
      'SELECT lower(name) AS plain, count(*) FROM t GROUP BY 1',
      'SELECT line AS line, count(*) FROM (SELECT 1 AS line FROM t) GROUP BY line',
      'SELECT 1 AS a FROM t UNION ALL SELECT count(*) FROM t GROUP BY a',
    ],
  },
};

describe('the lint for SQL that Athena and DuckDB answer differently', () => {
  test('has examples for each rule', () => {
    const rules = [...DIALECT_RULES.map(({ name }) => name), 'group by an alias'];
    expect(Object.keys(EXAMPLES).sort()).toEqual(rules.sort());
  });

  for (const [rule, { refused, instead }] of Object.entries(EXAMPLES)) {
    test.each(refused)(`${rule} is found in %s`, (sql) => {
      expect(dialectProblems(sql).map((problem) => problem.rule)).toEqual([rule]);
    });

    test.each(instead)(`${rule} is not found in %s`, (sql) => {
      expect(dialectProblems(sql)).toEqual([]);
    });
  }
});
