import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { storedText } from '../../../functions/domain/stored-text.ts';
import { type Column, TABLES } from '../../../functions/domain/tables.ts';
import { readerColumnSql } from '../../../infra/reader-views.ts';

/** What the readers' views do, in JavaScript. */
const read = (stored: string, id: string | null): string =>
  stored.replaceAll('{id}', () => id ?? '').replaceAll('{}', '{');

/** Texts out of the pieces that could be taken for one another, and any others. */
const piece = fc.constantFrom('{', '}', 'id', '{id}', '{}', 'i', 'd}', '$&', '%', "'", '\\', '𝄞', 'é', '\0', '');
const odd = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
const text = fc.oneof(odd, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })).map((t) => t.toWellFormed());
const rows = fc.oneof(
  fc.tuple(text, fc.option(text)),
  fc.tuple(text, text).map(([prefix, id]): [string, string] => [prefix + id, id]),
);

test('every text is read back as it was, with every ID', () => {
  fc.assert(
    fc.property(rows, ([whole, id]) => {
      expect(read(storedText(whole, id), id)).toBe(whole);
    }),
    { numRuns: 20_000 },
  );
});

test('the views read back every text, and null', async () => {
  const column = TABLES.playlist_items.columns.find(({ name }) => name === 'uri') as Column;
  const sample: [string | null, string | null][] = [
    ...fc.sample(rows, { numRuns: 3000, seed: 1 }),
    [null, 'x'],
    [null, null],
  ];
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run('CREATE TABLE staged (number int, uri varchar, track_id varchar, episode_id varchar)');
  const appender = await connection.createAppender('staged');
  for (const [number, [whole, id]] of sample.entries()) {
    appender.appendInteger(number);
    for (const value of [
      whole === null ? null : storedText(whole, id),
      number % 2 ? id : null,
      number % 2 ? null : id,
    ]) {
      if (value === null) appender.appendNull();
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
  const answer = await connection.runAndReadAll(
    `SELECT ${readerColumnSql(column)} FROM staged AS entry ORDER BY number`,
  );
  expect(answer.getRows().map(([value]) => value)).toEqual(sample.map(([whole]) => whole));
  connection.closeSync();
});

test('links of one kind are stored alike', () => {
  const stored = ['4uLU6hMCjMI75M1A2tKUQC', '11dFghVXANMlKmJXsNCbNl'].map((id) =>
    storedText(`https://open.spotify.com/track/${id}`, id),
  );
  expect(stored).toEqual(Array(2).fill('https://open.spotify.com/track/{id}'));
});
