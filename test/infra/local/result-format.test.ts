import { describe, expect, test } from '@jest/globals';
import { displayWidth, printable } from '../../../infra/local/display-text.ts';
import { formatResult, type QueryResult } from '../../../infra/local/result-format.ts';

const result: QueryResult = {
  columns: [
    { name: 'name', type: 'varchar' },
    { name: 'n', type: 'bigint' },
    { name: 'day', type: 'date' },
  ],
  rows: [
    ['a, "b"', 12n, '2026-11-23'],
    ['', null, null],
    ['日本\n語', 2n ** 60n, '1981-12-15'],
  ],
};

describe('table', () => {
  test('is aligned by what a terminal shows, numbers to the right', () => {
    expect(formatResult(result, 'table')).toBe(
      [
        'name                        n  day',
        '--------  -------------------  ----------',
        'a, "b"                     12  2026-11-23',
        '                         NULL  NULL',
        '日本\\n語  1152921504606846976  1981-12-15',
        '(3 rows)',
        '',
      ].join('\n'),
    );
  });

  test('counts one row as a row, and shows the names when there is none', () => {
    const columns = [{ name: 'x', type: 'integer' }];
    expect(formatResult({ columns, rows: [[1]] }, 'table')).toBe('x\n-\n1\n(1 row)\n');
    expect(formatResult({ columns, rows: [] }, 'table')).toBe('x\n-\n(0 rows)\n');
  });

  test('cannot send commands to the terminal', () => {
    const columns = [{ name: 'x', type: 'varchar' }];
    expect(formatResult({ columns, rows: [['\u001b[2J\t\u202Eabc']] }, 'table')).toContain('\\u001b[2J\\t\\u202eabc');
  });
});

describe('json', () => {
  test('is an array of objects, with digits that JSON cannot hold as text', () => {
    expect(JSON.parse(formatResult(result, 'json'))).toEqual([
      { name: 'a, "b"', n: 12, day: '2026-11-23' },
      { name: '', n: null, day: null },
      { name: '日本\n語', n: '1152921504606846976', day: '1981-12-15' },
    ]);
  });

  test('keeps both of two columns with one name', () => {
    const columns = ['a', 'a', 'a_2'].map((name) => ({ name, type: 'integer' }));
    expect(JSON.parse(formatResult({ columns, rows: [[1, 2, 3]] }, 'json'))).toEqual([{ a: 1, a_2: 2, a_2_2: 3 }]);
  });

  test('keeps arrays and rows', () => {
    const columns = [{ name: 'x', type: 'array' }];
    expect(JSON.parse(formatResult({ columns, rows: [[[1n, { a: null }]]] }, 'json'))).toEqual([
      { x: [1, { a: null }] },
    ]);
  });
});

describe('csv', () => {
  test('is RFC 4180 with a header; null is nothing, the empty text is ""', () => {
    expect(formatResult(result, 'csv')).toBe(
      'name,n,day\n"a, ""b""",12,2026-11-23\n"",,\n"日本\n語",1152921504606846976,1981-12-15\n',
    );
  });

  test('writes arrays and rows as JSON', () => {
    const columns = [{ name: 'x', type: 'array' }];
    expect(formatResult({ columns, rows: [[[1n, 'a']]] }, 'csv')).toBe('x\n"[1,""a""]"\n');
  });
});

test.each([
  ['abc', 3],
  ['', 0],
  ['né', 2],
  ['ne\u0301', 2],
  ['日本', 4],
  ['한국', 4],
  ['ＡＢ', 4],
  ['🎵', 2],
  ['👩‍👩‍👧', 2],
  ['❤️', 2],
  ['a\u200Bb', 2],
  ['“, ”…', 5],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('a lone surrogate is shown by its number', () => {
  expect(printable('a\uD83Cb')).toBe('a\\ud83cb');
});
