import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Answer, refusal } from './answer.ts';
import { readCatalogue } from './catalogue.ts';
import { faultOf } from './faults.ts';
import { openTokenDesk, type TokenDesk } from './tokens.ts';
import { answerWebApi, type Served } from './web-api.ts';
import { weekIndex } from './weeks.ts';

/** A small Spotify on this machine, for whoever has no credentials yet. It needs no network. */
export interface DemoSpotify {
  /** `http://127.0.0.1:PORT`: both the accounts service and the Web API. */
  readonly url: string;
  /** The playlists that can be read in full. */
  readonly playlists: readonly { readonly id: string; readonly name: string }[];
  close(): Promise<void>;
}

/**
 * Listens on a free port of the loopback interface and serves one week of the demo's story (see `weeks.ts`).
 *
 * - `snapshotDate`: YYYY-MM-DD, which week; InvalidInputError when it is no date.
 * - `faults`: whether one call in twenty is answered 429 and one 502, as in real life. Default true.
 *
 * Not among `playlists`, but there for trying: 3hFXfkHriIjcjsenpEAO14 ("Songs My Dentist Hums") belongs to somebody
 * else, so its contents are not shown.
 */
export async function startDemoSpotify(options: { snapshotDate: string; faults?: boolean }): Promise<DemoSpotify> {
  const week = weekIndex(options.snapshotDate);
  const catalogue = await readCatalogue();
  const answer = answerer({ catalogue, week }, openTokenDesk(), options.faults ?? true);
  const server = createServer(async (request, response) => {
    const { status, headers, body } = await answer(request).catch((error: Error) => refusal(500, error.message));
    response.writeHead(status, headers).end(body);
  });
  const { port } = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    playlists: catalogue.playlists.filter(({ yours }) => yours).map(({ id, name }) => ({ id, name })),
    close: () => close(server),
  };
}

function answerer(served: Served, tokens: TokenDesk, faults: boolean) {
  let calls = 0;
  return async (request: IncomingMessage): Promise<Answer> => {
    const url = URL.parse(request.url ?? '/', `http://127.0.0.1:${request.socket.localPort}`);
    const body = await text(request);
    if (request.method === 'POST' && url?.pathname === '/api/token') {
      return tokens.grant(request.headers['content-type'], body);
    }
    if (request.method !== 'GET' || !url?.pathname.startsWith('/v1/')) return refusal(404, 'Service not found');
    const unauthorised = tokens.refuse(request.headers.authorization);
    if (unauthorised) return unauthorised;
    calls += 1;
    return (faults ? faultOf(calls) : undefined) ?? answerWebApi(served, url);
  };
}

function listen(server: Server): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    // A client that keeps its connection open must not keep the program alive.
    server.closeAllConnections();
  });
}
