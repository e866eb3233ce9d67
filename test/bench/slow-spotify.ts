import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Regime C's Spotify with a latency, in a process of its own so that its work is not counted: `slow-spotify.ts
 * PLAYLISTS ENTRIES LATENCY_MS`. Bodies are made beforehand, of the size that Spotify sends (1.7 KB an entry). A timer
 * of 50 ms fires when the machine gets round to it, so what it really waited is measured: `GET /latencies` tells the sum
 * since it was last asked.
 */
const [playlists, entries, latencyMs] = process.argv.slice(2).map(Number) as [number, number, number];
const EMBEDDED = 100;
const PAGE = 50;

const artist = (key: number) => ({
  external_urls: { spotify: `https://open.spotify.com/artist/ar${key}` },
  href: `https://api.spotify.com/v1/artists/ar${key}`,
  id: `ar${key}`,
  name: `Artist ${key}`,
  type: 'artist',
  uri: `spotify:artist:ar${key}`,
});

function entry(index: number) {
  const images = [640, 300, 64].map((size) => ({
    height: size,
    url: `https://i.scdn.co/image/ab67616d0000b273${String(index).padStart(24, '0')}${size}`,
    width: size,
  }));
  const item = {
    album: {
      album_type: 'album',
      artists: [artist(index % 70)],
      external_urls: { spotify: `https://open.spotify.com/album/al${index}` },
      href: `https://api.spotify.com/v1/albums/al${index}`,
      id: `al${index}`,
      images,
      name: `Album ${index}`,
      release_date: '2019-05-17',
      release_date_precision: 'day',
      total_tracks: 12,
      type: 'album',
      uri: `spotify:album:al${index}`,
    },
    artists: [artist(index % 70), artist((index % 70) + 1)],
    disc_number: 1,
    duration_ms: 200_000 + index,
    episode: false,
    explicit: false,
    external_ids: { isrc: `DEA00${String(index).padStart(7, '0')}` },
    external_urls: { spotify: `https://open.spotify.com/track/t${index}` },
    href: `https://api.spotify.com/v1/tracks/t${index}`,
    id: `t${index}`,
    is_local: false,
    name: `Track number ${index}`,
    preview_url: null,
    track: true,
    track_number: 1,
    type: 'track',
    uri: `spotify:track:t${index}`,
  };
  return {
    added_at: '2024-05-06T07:08:09Z',
    added_by: { id: 'someone', type: 'user', uri: 'spotify:user:someone' },
    is_local: false,
    primary_color: null,
    item,
    video_thumbnail: { url: null },
  };
}

const ids = Array.from({ length: playlists }, (_, index) => `p${String(index).padStart(21, '0')}`);
const all = Array.from({ length: entries }, (_, index) => entry(index));
const pages = new Map<string, string>();

/** The page's members, without its outer braces' id-dependent parts. */
function itemsFrom(offset: number, limit: number): string {
  const key = `${offset}/${limit}`;
  const made = pages.get(key) ?? JSON.stringify(all.slice(offset, offset + limit));
  pages.set(key, made);
  return made;
}

const pageOf = (link: string, offset: number, limit: number) => {
  const next = offset + limit < entries ? `"${link}?offset=${offset + limit}&limit=${PAGE}"` : 'null';
  return `{"href":"${link}","items":${itemsFrom(offset, limit)},"limit":${limit},"next":${next},"offset":${offset},"previous":null,"total":${entries}}`;
};

const listing = (origin: string, offset: number) => ({
  items: ids
    .slice(offset, offset + PAGE)
    .map((id) => ({ id, name: id, snapshot_id: `v-${id}`, owner: { id: 'user' } })),
  limit: PAGE,
  next: offset + PAGE < playlists ? `${origin}/v1/me/playlists?offset=${offset + PAGE}&limit=${PAGE}` : null,
  offset,
  total: playlists,
});

function answer(url: URL): string {
  if (url.pathname === '/api/token') return '{"access_token":"token","token_type":"Bearer","expires_in":3600}';
  const offset = Number(url.searchParams.get('offset') ?? 0);
  if (url.pathname === '/v1/me/playlists') return JSON.stringify(listing(url.origin, offset));
  const [, id = '', page] = /^\/v1\/playlists\/(\w+)(\/items)?$/.exec(url.pathname) ?? [];
  if (url.searchParams.get('fields') === 'snapshot_id') return `{"snapshot_id":"v-${id}"}`;
  const link = `${url.origin}/v1/playlists/${id}/items`;
  if (page) return pageOf(link, offset, PAGE);
  return `{"id":"${id}","name":"${id}","snapshot_id":"v-${id}","owner":{"id":"user"},"items":${pageOf(link, 0, EMBEDDED)}}`;
}

const latencies = { calls: 0, ms: 0 };

const server = createServer((request, response) => {
  const received = performance.now();
  request.resume();
  if (request.url === '/latencies') {
    response.end(JSON.stringify(latencies));
    Object.assign(latencies, { calls: 0, ms: 0 });
    return;
  }
  const { port } = server.address() as AddressInfo;
  const body = Buffer.from(answer(new URL(request.url ?? '/', `http://127.0.0.1:${port}`)));
  const send = () => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
    response.end(body);
    latencies.calls += 1;
    latencies.ms += performance.now() - received;
  };
  setTimeout(send, latencyMs);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
