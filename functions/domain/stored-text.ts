import type { Ending } from './tables.ts';

/**
 * How a text is stored that ends in its row's own ID or date: with `{id}` or `{date}` in its place, so that
 * `https://open.spotify.com/track/{id}` is the same for every track. IDs are random, so a column pays for each one that
 * stands in it, and no compression makes them smaller.
 *
 * Any `{` of the text itself is stored as `{}`. What is stored then holds the mark for the ending and nothing else, and
 * `replace(replace(stored, '{id}', id), '{}', '{')` gives every text back as it was.
 */
export function storedText(text: string, value: unknown, mark: Ending['mark']): string {
  const ending = value instanceof Date ? day(value, text) : value;
  // An ending with a `{` could be taken for something else when it is read back: such a text is stored whole.
  if (typeof ending !== 'string' || ending.includes('{') || !text.endsWith(ending)) return escaped(text);
  return `${escaped(text.slice(0, text.length - ending.length))}${mark}`;
}

const escaped = (text: string): string => (text.includes('{') ? text.replaceAll('{', '{}') : text);

/**
 * The day as YYYY-MM-DD, as SQL casts a date to text; null where the text cannot end in it. SQL writes the years before 1
 * and after 9999 in ways of its own.
 */
function day(date: Date, text: string): string | null {
  if (text.length < 'YYYY-MM-DD'.length) return null;
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date.toISOString().slice(0, 10) : null;
}
