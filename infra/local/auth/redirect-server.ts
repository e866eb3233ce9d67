import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, SpotifyAuthError } from '../../../functions/domain/errors.ts';

/** Waits on a loopback address for the browser to come back from Spotify. */
export interface RedirectServer {
  /** `http://127.0.0.1:PORT/callback` */
  readonly redirectUri: string;
  /**
   * Resolves to what `onCode` gives for the code of the first redirect that carries the state; the browser sees the
   * page when that is done. Rejects with SpotifyAuthError when the user says no, or when nobody came in time.
   */
  wait<T>(state: string, onCode: (code: string) => Promise<T>, timeoutMs: number): Promise<T>;
  close(): Promise<void>;
}

/** Port 0: one that is free. Throws ConfigError when the port is taken. */
export async function openRedirectServer(port: number): Promise<RedirectServer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `port ${port} on 127.0.0.1 cannot be used (${cause.code}); choose another with --port`;
      reject(new ConfigError(message, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  return {
    redirectUri,
    wait: (state, onCode, timeoutMs) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(timedOut(timeoutMs)), timeoutMs);
        let isTaken = false;
        server.on('request', async (request, response) => {
          const url = new URL(request.url ?? '/', redirectUri);
          if (request.method !== 'GET' || url.pathname !== '/callback') return show(response, 404, 'Not here.');
          // Some other page may have sent the browser here: it does not end the waiting.
          if (url.searchParams.get('state') !== state || isTaken) return show(response, 400, NOT_OURS);
          isTaken = true;
          clearTimeout(late);
          try {
            resolve(await onCode(codeIn(url)));
            show(response, 200, 'Done. Playlist Lake may read your playlists. You can close this page.');
          } catch (error) {
            show(response, 200, 'That did not work. The terminal says why.');
            reject(error);
          }
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

const NOT_OURS = 'This is not the answer to the question that was asked. Use the link in the terminal.';

function codeIn({ searchParams }: URL): string {
  const code = searchParams.get('code');
  if (code) return code;
  const said = searchParams.get('error')?.slice(0, 100);
  throw new SpotifyAuthError(
    said === 'access_denied'
      ? 'the consent was refused. Run npm run auth again.'
      : `Spotify said: ${said ?? 'no code'}`,
  );
}

const timedOut = (ms: number) =>
  new SpotifyAuthError(`nobody consented within ${Math.round(ms / 60_000)} minutes. Run npm run auth again.`);

function show(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(
    `<!doctype html><title>Playlist Lake</title><p style="font: 1.2em sans-serif; margin: 4em">${text}</p>\n`,
  );
}
