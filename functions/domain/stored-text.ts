/**
 * How a text that ends in its row's own ID is stored: with `{id}` in the ID's place, so that
 * `https://open.spotify.com/track/{id}` is the same for every track. IDs are random, so a column pays for each one that
 * stands in it, and no compression makes them smaller.
 *
 * Any `{` of the text itself is stored as `{}`. What is stored then holds `{id}` for an ID and nothing else, and
 * `replace(replace(stored, '{id}', id), '{}', '{')` gives every text back as it was.
 */
export function storedText(text: string, id: string | null): string {
  // An ID with a `{` could be taken for something else when it is read back: such a text is stored whole.
  if (id === null || id.includes('{') || !text.endsWith(id)) return escaped(text);
  return `${escaped(text.slice(0, text.length - id.length))}{id}`;
}

const escaped = (text: string): string => (text.includes('{') ? text.replaceAll('{', '{}') : text);
