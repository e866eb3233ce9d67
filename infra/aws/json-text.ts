/** Undefined when it is no JSON. JSON's own error would quote the text, and that may hold a secret. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
