import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { manifestKey, type RunPlace, rawKey } from '../../functions/domain/lake-paths.ts';
import type { Manifest, PlaylistRecord, RawObject } from '../../functions/domain/manifest.ts';

/**
 * A lake's raw folder as Extract leaves it, of any size, the same for the same number of entries: full track objects as
 * an app made before 2026 is sent them, with about 180 market codes at the track and again at its album.
 *
 * How often a track comes again follows the first 1,000 playlists of the Million Playlist Dataset (Chen et al., RecSys
 * 2018): 67,503 entries of 34,443 tracks on 19,261 albums by 9,754 artists.
 */

export const BENCH_PLACE: RunPlace = { snapshotDate: '2026-11-23', runId: 'bench' };

const PAGE_ENTRIES = 100;
const PLAYLIST_ENTRIES = 1000;
/** Tracks in the whole Million Playlist Dataset. */
const CATALOGUE_TRACKS = 2_262_292;
/** Makes 35,000 different tracks on 23,500 albums by 11,000 artists of 67,503 draws: `u ** SKEW` of the catalogue, u evenly between 0 and 1. */
const SKEW = 9.2;

export interface GeneratedLake {
  readonly entries: number;
  readonly objects: number;
  /** Of the JSON before it is compressed. */
  readonly jsonBytes: number;
  readonly gzippedBytes: number;
}

/** Writes raw objects and the manifest below `lakeDir`. Takes about a minute for 1,000,000 entries. */
export function generateLake(lakeDir: string, entries: number): GeneratedLake {
  const random = mulberry32(entries);
  const tally = { entries, objects: 0, jsonBytes: 0, gzippedBytes: 0 };
  const playlists: PlaylistRecord[] = [];
  for (let first = 0; first < entries; first += PLAYLIST_ENTRIES) {
    const total = Math.min(PLAYLIST_ENTRIES, entries - first);
    const playlistId = base62(`playlist ${playlists.length}`);
    const objects: RawObject[] = [];
    for (let offset = 0; offset < total; offset += PAGE_ENTRIES) {
      const count = Math.min(PAGE_ENTRIES, total - offset);
      const json =
        offset === 0 ? playlistText(playlistId, total, count, random) : pageText(offset, total, count, random);
      const object = storeRaw(lakeDir, { playlistId, offset, entries: count, json });
      objects.push(object);
      tally.objects += 1;
      tally.jsonBytes += Buffer.byteLength(json);
      tally.gzippedBytes += object.bytes;
    }
    playlists.push({
      playlist_id: playlistId,
      status: 'complete',
      reason: null,
      regime: 'A',
      snapshot_id: base62(`version of ${playlistId}`),
      total,
      objects,
    });
  }
  write(lakeDir, manifestKey(BENCH_PLACE), Buffer.from(JSON.stringify(manifestOf(playlists))));
  return tally;
}

const manifestOf = (playlists: PlaylistRecord[]): Manifest => ({
  manifest_version: 1,
  run_id: BENCH_PLACE.runId,
  snapshot_date: BENCH_PLACE.snapshotDate,
  started_at: '2026-11-23T06:00:00.000Z',
  finished_at: '2026-11-23T06:10:00.000Z',
  status: 'complete',
  market: null,
  keep_personal_data: false,
  playlists,
  spotify: { calls: {}, retries: 0, waited_ms: 0, bytes: 0 },
});

function storeRaw(
  lakeDir: string,
  { playlistId, offset, entries, json }: { playlistId: string; offset: number; entries: number; json: string },
): RawObject {
  const gzipped = gzipSync(json);
  const key = rawKey({ ...BENCH_PLACE, playlistId, read: 1, offset });
  write(lakeDir, key, gzipped);
  const sha256 = createHash('sha256').update(gzipped).digest('hex');
  return { key, offset, entries, bytes: gzipped.byteLength, sha256 };
}

function write(lakeDir: string, key: string, bytes: Uint8Array): void {
  const path = join(lakeDir, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

function pageText(offset: number, total: number, count: number, random: () => number): string {
  const items = Array.from({ length: count }, () => entryText(random));
  const next = offset + count < total ? '"https://api.spotify.com/v1/playlists/next"' : 'null';
  return `{"href":"https://api.spotify.com/v1/playlists","items":[${items.join(',')}],"limit":100,"next":${next},"offset":${offset},"previous":null,"total":${total}}`;
}

const playlistText = (id: string, total: number, count: number, random: () => number): string =>
  `{"collaborative":false,"description":"","id":"${id}","name":"${title(id)}","public":true,"snapshot_id":"${base62(`version of ${id}`)}","tracks":${pageText(0, total, count, random)},"type":"playlist","uri":"spotify:playlist:${id}"}`;

function entryText(random: () => number): string {
  const added = new Date(1_500_000_000_000 + Math.floor(random() * 270_000_000) * 1000).toISOString().slice(0, 19);
  const track = trackText(Math.floor(CATALOGUE_TRACKS * random() ** SKEW));
  return `{"added_at":"${added}Z","added_by":{"external_urls":{"spotify":"https://open.spotify.com/user/someone"},"href":"https://api.spotify.com/v1/users/someone","id":"someone","type":"user","uri":"spotify:user:someone"},"is_local":false,"primary_color":null,"track":${track},"video_thumbnail":{"url":null}}`;
}

/** Tracks of one album stand side by side in the catalogue, and albums of one artist, as fame does. */
function trackText(track: number): string {
  const dice = mulberry32(track + 1);
  const album = Math.floor(track / 12);
  const artist = Math.floor(album / 10);
  const id = base62(`track ${track}`);
  const artists = [artistText(artist)];
  if (dice() < 0.25) artists.push(artistText(Math.floor(artist * dice())));
  const markets = marketTexts[Math.floor(dice() ** 4 * marketTexts.length)];
  const isrc = `US${title(`isrc ${track}`).slice(0, 3).toUpperCase()}${String(10_000_000 * dice())
    .slice(0, 7)
    .padEnd(7, '0')}`;
  return `{"album":${albumText(album, artist, markets)},"artists":[${artists.join(',')}],"available_markets":${markets},"disc_number":1,"duration_ms":${Math.floor(90_000 + 240_000 * dice())},"episode":false,"explicit":${dice() < 0.2},"external_ids":{"isrc":"${isrc}"},${identity('track', id)},"is_local":false,"name":"${title(`track ${track}`)}","popularity":${Math.floor(100 * dice())},"preview_url":"https://p.scdn.co/mp3-preview/${hex(`preview ${track}`)}?cid=${hex('app').slice(0, 32)}","track":true,"track_number":${1 + Math.floor(16 * dice())},"type":"track"}`;
}

function albumText(album: number, artist: number, markets: string | undefined): string {
  const dice = mulberry32(album + 7);
  const year = 1960 + Math.floor(66 * Math.sqrt(dice()));
  const date = `${year}-${String(1 + Math.floor(12 * dice())).padStart(2, '0')}-${String(1 + Math.floor(28 * dice())).padStart(2, '0')}`;
  const cover = hex(`cover ${album}`).slice(0, 24);
  const images = [640, 300, 64].map(
    (px, index) =>
      `{"height":${px},"url":"https://i.scdn.co/image/ab67616d0000${['b273', '1e02', '4851'][index]}${cover}","width":${px}}`,
  );
  return `{"album_type":"album","artists":[${artistText(artist)}],"available_markets":${markets},${identity('album', base62(`album ${album}`))},"images":[${images.join(',')}],"name":"${title(`album ${album}`)}","release_date":"${date}","release_date_precision":"day","total_tracks":${1 + Math.floor(20 * dice())},"type":"album"}`;
}

const artistText = (artist: number): string =>
  `{${identity('artist', base62(`artist ${artist}`))},"name":"${title(`artist ${artist}`)}","type":"artist"}`;

const identity = (kind: string, id: string): string =>
  `"external_urls":{"spotify":"https://open.spotify.com/${kind}/${id}"},"href":"https://api.spotify.com/v1/${kind}s/${id}","id":"${id}","uri":"spotify:${kind}:${id}"`;

const MARKETS = Array.from({ length: 184 }, (_, index) =>
  String.fromCharCode(65 + (index % 26), 65 + (((index * 7) >> 3) % 26)),
);
/** Most tracks can be played everywhere; the others lack some markets. */
const marketTexts = [0, 1, 2, 3, 5, 8, 13, 60].map((without) => JSON.stringify(MARKETS.slice(without)));

const SYLLABLES = 'la ver na mi to ra el bu sha ki no de ar ta lo wen is pe co du'.split(' ');

/** One to four invented words. */
function title(seed: string): string {
  const dice = mulberry32(hashOf(seed));
  const words = Array.from({ length: 1 + Math.floor(4 * dice()) }, () => {
    const word = Array.from({ length: 1 + Math.floor(3 * dice()) }, () => SYLLABLES[Math.floor(dice() * 20)]).join('');
    return word.charAt(0).toUpperCase() + word.slice(1);
  });
  return words.join(' ');
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** 22 characters, as Spotify's IDs are. */
function base62(seed: string): string {
  const dice = mulberry32(hashOf(seed));
  let id = DIGITS.charAt(Math.floor(dice() * 8));
  while (id.length < 22) id += DIGITS.charAt(Math.floor(dice() * 62));
  return id;
}

function hex(seed: string): string {
  const dice = mulberry32(hashOf(seed));
  let text = '';
  while (text.length < 40) text += Math.floor(dice() * 16).toString(16);
  return text;
}

function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  return hash >>> 0;
}

/** A small generator of random numbers from 0 to 1 that gives the same ones for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
