import * as z from 'zod';

const text = z.string().optional().catch(undefined);
/** The Web API's form: `{"error":{"status":403,"message":"Forbidden","reason":"…"}}`, reason only at times. */
const apiError = z.object({ error: z.object({ message: text, reason: text }) });
/** The token endpoint's form: `{"error":"invalid_grant","error_description":"Refresh token expired"}`. */
const tokenError = z.object({ error: z.string(), error_description: text });

interface ErrorBody {
  /** undefined when the body is not JSON. */
  readonly json: unknown;
  /** The same body, secrets masked. */
  readonly text: string;
}

const EXCERPT_CHARACTERS = 200;

/** HTML or XML: never what Spotify's own programs answer. */
export const isMarkup = (body: string): boolean => body.trimStart().startsWith('<');

/** The beginning of a body on one line, for a message. */
export const excerpt = (body: string): string =>
  body.replaceAll(/\s+/g, ' ').trim().slice(0, EXCERPT_CHARACTERS) || '(empty body)';

/** Spotify's message. It has been seen as bare text too ("User not registered in the Developer Dashboard"). */
export const errorMessage = (body: ErrorBody): string =>
  excerpt(apiError.safeParse(body.json).data?.error.message || body.text);

export const errorReason = (body: ErrorBody): string | undefined => apiError.safeParse(body.json).data?.error.reason;

/** OAuth's error code and its description, both empty when the body has another form. */
export function tokenErrorOf(body: ErrorBody): { readonly code: string; readonly description: string } {
  const { error: code = '', error_description: description = '' } = tokenError.safeParse(body.json).data ?? {};
  return { code, description: description && excerpt(description) };
}
