import ky, { isNetworkError, isTimeoutError } from 'ky';
import { createMarketCutter } from '../domain/market-lists.ts';
import { maskSecrets } from '../domain/mask-secrets.ts';
import type { Attempt } from '../domain/spotify-answer.ts';

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly form?: Record<string, string>;
}

export interface AttemptOptions {
  /** For headers and body together. */
  readonly timeoutMs: number;
  /** Masked in every text that may be shown. */
  readonly secrets: Iterable<string>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const withoutMarkets = createMarketCutter();

/** Nobody asks for market codes before the transform, and they take two thirds of the time that parsing takes. */
const parseWithoutMarkets = (body: Uint8Array): unknown =>
  parseJson(withoutMarkets(Buffer.from(body.buffer, body.byteOffset, body.byteLength)));

/** What fetch says when the connection fails: "fetch failed" or "terminated", and the story in `cause`. */
const isNetworkFault = (error: unknown): error is { readonly message: string; readonly cause: unknown } =>
  typeof error === 'object' && error !== null && 'message' in error && 'cause' in error;

/**
 * ky's own errors carry the Request, Authorization header included, so whatever prints them prints the token: only the
 * error beneath is passed on. What is neither a time-out nor the network's fault is a mistake of this program's own.
 */
function faultOf(error: unknown, { timeoutMs, secrets }: AttemptOptions): Attempt {
  if (isTimeoutError(error)) {
    const what = `no complete answer within ${timeoutMs} ms`;
    return { kind: 'fault', what, cause: new Error(what) };
  }
  const cause = isNetworkError(error) ? error.cause : error;
  if (!isNetworkFault(cause)) throw error;
  return { kind: 'fault', what: maskSecrets(`${cause.message}, ${String(cause.cause)}`, secrets), cause };
}

/** What may be shown of a body. A broken token answer may hold a token that nobody knows to mask yet. */
function shownText(raw: string, ok: boolean, method: Outgoing['method'], secrets: Iterable<string>): string {
  return ok && method === 'POST' ? '(a body that is not shown)' : maskSecrets(raw, secrets);
}

/** Sends a request once and reads its body once. Faults of the network are returned, never thrown. */
export async function attemptOnce(outgoing: Outgoing, options: AttemptOptions): Promise<Attempt> {
  const { method, url, headers, form } = outgoing;
  try {
    const pending = ky(url, {
      method,
      headers: { 'user-agent': 'playlist-lake/0.1', accept: 'application/json', ...headers },
      ...(form ? { body: new URLSearchParams(form) } : {}),
      retry: 0,
      throwHttpErrors: false,
      redirect: 'manual',
      // ky's `timeout` starts anew for the body; `totalTimeout` is one budget for headers and body.
      timeout: false,
      totalTimeout: options.timeoutMs,
    });
    const response = await pending;
    // fetch has undone gzip by now: these are the bytes of the document itself, however they travelled. A gzip stream
    // that breaks off is not an error to fetch; the half document it leaves fails as JSON.
    const body = await pending.bytes();
    const whole = response.ok ? parseWithoutMarkets(body) : undefined;
    const raw = whole === undefined ? new TextDecoder().decode(body) : '';
    const text = whole === undefined ? shownText(raw, response.ok, method, options.secrets) : '';
    return {
      kind: 'answered',
      status: response.status,
      body,
      json: response.ok ? whole : parseJson(text),
      text,
      retryAfter: response.headers.get('retry-after'),
      wwwAuthenticate: maskSecrets(response.headers.get('www-authenticate') ?? '', options.secrets),
    };
  } catch (error) {
    return faultOf(error, options);
  }
}
