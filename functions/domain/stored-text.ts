import type { Ending } from './tables.ts';

/**
 * How a text is stored that ends in its row's own ID or date: with `{id}` or `{date}` in its place, so that
 * `https://open.spotify.com/track/{id}` is the same for every track. IDs are random, so a column pays for each one that
 * stands in it, and no compression makes them smaller.
 *
 * Any `{` of the text itself is stored as `{}`. What is stored then holds the mark for the ending and nothing else, and
 * `replace(replace(stored, '{id}', id), '{}', '{')` gives every text back as it was.
 */
export function createTextStore(mark: Ending['mark']): (text: string, value: unknown) => string {
  // Texts of one column nearly all begin alike, so nearly always what is stored is there already.
  let begin = '';
  let stored: string = mark;
  return (text, value) => {
    const ending = value instanceof Date ? dayAtEnd(text, value) : value;
    // An ending with a `{` could be taken for something else when it is read back: such a text is stored whole.
    if (typeof ending !== 'string' || ending.includes('{') || !text.endsWith(ending)) return escaped(text);
    const length = text.length - ending.length;
    if (length !== begin.length || !text.startsWith(begin)) {
      begin = text.slice(0, length);
      stored = `${escaped(begin)}${mark}`;
    }
    return stored;
  };
}

const escaped = (text: string): string => (text.includes('{') ? text.replaceAll('{', '{}') : text);

/** A day of the years that SQL casts to text in the same form, 1 to 9999. */
const DAY = /^(?!0000)\d{4}-\d{2}-\d{2}$/;

/** The day as the text has it in the end; null where the text does not end in it. */
function dayAtEnd(text: string, date: Date): string | null {
  const end = text.slice(-'YYYY-MM-DD'.length);
  return DAY.test(end) && Date.parse(end) === date.getTime() ? end : null;
}
