import { DuckDBDateValue, DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTextStore } from '../../../functions/domain/stored-text.ts';
import { type Column, TABLES } from '../../../functions/domain/tables.ts';
import { readerColumnSql } from '../../../infra/reader-views.ts';

// One for all texts, as a column has it: what is stored must not depend on the texts before.
const withId = createTextStore('{id}');
const withDate = createTextStore('{date}');

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
      expect(read(withId(whole, id), id)).toBe(whole);
    }),
    { numRuns: 20_000 },
  );
});

/** Days of every kind, and texts that end in them or in what looks alike. */
const day = fc
  .date({ min: new Date('-010000-01-01'), max: new Date('+012000-01-01'), noInvalidDate: true })
  .map((date) => new Date(Math.floor(date.getTime() / 86_400_000) * 86_400_000));
const iso = (date: Date) => date.toISOString().split('T')[0] as string;
const datedRows = fc.oneof(
  fc.tuple(text, fc.option(day)),
  fc.tuple(text, day).map(([prefix, date]): [string, Date] => [prefix + iso(date), date]),
  day.map((date): [string, Date] => [iso(date), date]),
  day.map((date): [string, Date] => [iso(date).slice(0, 10), date]),
);

/** What SQL makes of the rows that a table holds. */
async function shown(column: Column, types: string, staged: readonly (readonly (string | null)[])[]) {
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`CREATE TABLE staged (number int, ${types})`);
  const appender = await connection.createAppender('staged');
  for (const [number, values] of staged.entries()) {
    appender.appendInteger(number);
    for (const [index, value] of values.entries()) {
      if (value === null) appender.appendNull();
      else if (index === 1 && types.includes('date')) appender.appendDate(new DuckDBDateValue(Number(value)));
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
  const answer = await connection.runAndReadAll(
    `SELECT ${readerColumnSql(column)} FROM staged AS entry ORDER BY number`,
  );
  connection.closeSync();
  return answer.getRows().map(([value]) => value);
}

test('the views read back every text, and null', async () => {
  const column = TABLES.playlist_items.columns.find(({ name }) => name === 'uri') as Column;
  const sample: [string | null, string | null][] = [
    ...fc.sample(rows, { numRuns: 3000, seed: 1 }),
    [null, 'x'],
    [null, null],
  ];
  const staged = sample.map(([whole, id], number) => [
    whole === null ? null : withId(whole, id),
    number % 2 ? id : null,
    number % 2 ? null : id,
  ]);
  expect(await shown(column, 'uri varchar, track_id varchar, episode_id varchar', staged)).toEqual(
    sample.map(([whole]) => whole),
  );
});

test('the views read back every release date, and null', async () => {
  const column = TABLES.albums.columns.find(({ name }) => name === 'release_date_text') as Column;
  const sample: [string | null, Date | null][] = [
    ...fc.sample(datedRows, { numRuns: 3000, seed: 1 }),
    ['0001-01-01', new Date('0001-01-01')],
    ['9999-12-31', new Date('9999-12-31')],
    [null, new Date('1981-12-15')],
    [null, null],
  ];
  const staged = sample.map(([whole, date]) => [
    whole === null ? null : withDate(whole, date),
    date === null ? null : String(date.getTime() / 86_400_000),
  ]);
  expect(staged.filter(([stored]) => stored?.endsWith('{date}')).length).toBeGreaterThan(500);
  expect(await shown(column, 'release_date_text varchar, release_date date', staged)).toEqual(
    sample.map(([whole]) => whole),
  );
});

test('links of one kind are stored alike', () => {
  const stored = ['4uLU6hMCjMI75M1A2tKUQC', '11dFghVXANMlKmJXsNCbNl'].map((id) =>
    withId(`https://open.spotify.com/track/${id}`, id),
  );
  expect(stored).toEqual(Array(2).fill('https://open.spotify.com/track/{id}'));
});
