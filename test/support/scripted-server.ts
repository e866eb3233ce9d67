import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What the server does with one request. Without a field: 200 with an empty JSON object. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** A string goes out as it stands, anything else as JSON. */
  readonly body?: unknown;
  readonly gzip?: boolean;
  /** Milliseconds before the headers. */
  readonly delayMs?: number;
  /** Drops the connection without an answer. */
  readonly reset?: boolean;
  /** Sends this many bytes of the body under the full content-length, then drops the connection. */
  readonly cutAfter?: number;
  /** Sends headers and half the body, then nothing more. */
  readonly stall?: boolean;
  /** Answers from the request itself, as a gateway that echoes does. */
  readonly echo?: boolean;
}

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface ScriptedServer {
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: ReceivedRequest[];
  /** Queues answers for requests whose path begins with `prefix`, the longest one that does; the last one of a queue is not repeated. */
  script(prefix: string, ...answers: ScriptedAnswer[]): void;
  close(): Promise<void>;
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = '', url: path = '', headers } = request;
  return { method, path, headers, body: Buffer.concat(chunks).toString() };
}

function send(answer: ScriptedAnswer, received: ReceivedRequest, response: ServerResponse): void {
  const { status = 200, headers = {}, body = {}, gzip = false } = answer;
  if (answer.reset) return void response.destroy();
  const content = answer.echo ? JSON.stringify(received) : body;
  const text = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  const bytes = gzip ? gzipSync(text) : text;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    ...headers,
  });
  if (answer.stall) return void response.write(bytes.subarray(0, bytes.length / 2));
  if (answer.cutAfter === undefined) return void response.end(bytes);
  response.write(bytes.subarray(0, answer.cutAfter), () => response.destroy());
}

/** A real HTTP server on a free port that answers from a script. A request the script does not know gets a 418. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const queues = new Map<string, ScriptedAnswer[]>();
  const server = createServer(async (request, response) => {
    const received = await receive(request);
    requests.push(received);
    const [prefix] = [...queues.keys()]
      .filter((known) => received.path.startsWith(known))
      .sort((a, b) => b.length - a.length);
    const answer = queues.get(prefix ?? '')?.shift() ?? { status: 418, body: 'not in the script' };
    if (answer.delayMs) setTimeout(send, answer.delayMs, answer, received, response);
    else send(answer, received, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: (prefix, ...answers) => void queues.set(prefix, [...(queues.get(prefix) ?? []), ...answers]),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
