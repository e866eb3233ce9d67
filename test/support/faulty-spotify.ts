import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { API_URL, type FakePlaylist, type FakeSpotify, fakeSpotify, tracks } from './fake-spotify.ts';

/** One kind of trouble, as plain data: what happens to the calls that it matches. */
export interface Fault {
  /** Regular expression on `METHOD path?query`. */
  readonly match: string;
  /** Which of the matching calls, from 1; absent: all of them. */
  readonly on?: readonly number[];
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes out as HTML, anything else as JSON. */
  readonly body?: unknown;
  /** Drops the connection without an answer. */
  readonly reset?: boolean;
  /** Sends headers and so many bytes of the right answer, then nothing more. */
  readonly stall?: number;
  /** Sends so many bytes of the right answer, then drops the connection. */
  readonly truncate?: number;
  /** The right answer, gzipped. */
  readonly gzip?: boolean;
  /** Before answering, an entry is put in front of every playlist, whose version moves. */
  readonly edit?: boolean;
  /** A page of the right answer without its first entry, its counts untouched. */
  readonly drop?: boolean;
  /** Answers with what it was sent, headers and form, as some gateways do. */
  readonly echo?: boolean;
}

export type Regime = 'A' | 'B' | 'C';

export interface FaultySpotify {
  readonly url: string;
  /** `METHOD path?query` in the order of arrival, token calls too. */
  readonly calls: string[];
  readonly playlists: FakeSpotify['playlists'];
  close(): Promise<void>;
}

/** A token that is recognised wherever it turns up. */
export const ISSUED_TOKEN = 'issued-access-token-5d1f';

/** Spotify over real HTTP in one access regime, with these faults. */
export async function startFaultySpotify(
  playlists: Record<string, FakePlaylist>,
  {
    regime,
    faults = [],
    onCall = () => {},
  }: { regime: Regime; faults?: readonly Fault[]; onCall?: (call: string) => void | Promise<void> },
): Promise<FaultySpotify> {
  const spotify = fakeSpotify(structuredClone(playlists), { regime });
  const planned = faults.map((fault) => ({ ...fault, pattern: new RegExp(fault.match), seen: 0 }));
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const call = `${request.method} ${request.url}`;
    calls.push(call);
    await onCall(call);
    const sent = await bodyOf(request);
    const due = planned.filter((fault) => {
      if (!fault.pattern.test(call)) return false;
      fault.seen += 1;
      return !fault.on || fault.on.includes(fault.seen);
    });
    if (due.some(({ edit }) => edit)) editAll(spotify);
    const fault = due.find(({ edit }) => !edit);
    if (fault?.echo)
      return void response.writeHead(fault.status ?? 502).end(JSON.stringify({ sent, headers: request.headers }));
    await answer(request, response, fault, spotify, url());
  });
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: url(),
    calls,
    playlists: spotify.playlists,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function editAll({ playlists }: FakeSpotify) {
  for (const playlist of playlists.values()) {
    playlist.entries = [...tracks(1, `edit${playlist.entries.length}x`), ...playlist.entries];
    playlist.snapshotId += '+';
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  spotify: FakeSpotify,
  origin: string,
) {
  if (fault?.reset) return void response.destroy();
  if (fault?.status) {
    const isText = typeof fault.body === 'string';
    const { body = { error: { status: fault.status, message: 'fault' } } } = fault;
    response.writeHead(fault.status, { 'content-type': isText ? 'text/html' : 'application/json', ...fault.headers });
    return void response.end(isText ? fault.body : JSON.stringify(body));
  }
  const { status, body } = await rightAnswer(request, spotify);
  const json = fault?.drop ? withoutFirstEntry(body) : body;
  const bytes = Buffer.from(JSON.stringify(json).replaceAll(API_URL, origin));
  const sent = fault?.gzip ? gzipSync(bytes) : bytes;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': sent.length,
    ...(fault?.gzip ? { 'content-encoding': 'gzip' } : {}),
    ...fault?.headers,
  });
  if (fault?.stall !== undefined) return void response.write(sent.subarray(0, fault.stall));
  if (fault?.truncate === undefined) return void response.end(sent);
  response.write(sent.subarray(0, fault.truncate), () => response.destroy());
}

async function rightAnswer(request: IncomingMessage, spotify: FakeSpotify) {
  const url = new URL(request.url ?? '/', API_URL);
  if (url.pathname === '/api/token') {
    return { status: 200, body: { access_token: ISSUED_TOKEN, token_type: 'Bearer', expires_in: 3600 } };
  }
  if (!request.headers.authorization?.startsWith('Bearer ')) return refusal(401, 'No token provided');
  const got = await spotify.get(url.pathname, Object.fromEntries(url.searchParams));
  if (got.outcome === 'ok') return { status: 200, body: got.json };
  return got.outcome === 'gone' ? refusal(404, got.reason) : refusal(403, got.reason);
}

const refusal = (status: number, message: string) => ({ status, body: { error: { status, message } } });

function withoutFirstEntry(body: unknown): unknown {
  const { items } = body as { items?: unknown[] | { items: unknown[] } };
  if (Array.isArray(items)) return { ...(body as object), items: items.slice(1) };
  return { ...(body as object), ...(items ? { items: { ...items, items: items.items.slice(1) } } : {}) };
}
