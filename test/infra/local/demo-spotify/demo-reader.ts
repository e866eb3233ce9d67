import { type DemoSpotify, startDemoSpotify } from '../../../../infra/local/demo-spotify/server.ts';

/** What the tests look at in the demo's answers; the rest of each object is there too. */
export interface Named {
  readonly id: string | null;
  readonly type: string;
  readonly name: string;
  readonly uri: string | null;
  readonly href: string | null;
  readonly external_urls: { readonly spotify?: string };
}

export interface Item extends Named {
  readonly artists?: readonly Named[];
  readonly album?: Named & {
    readonly album_type: string | null;
    readonly artists: readonly Named[];
    readonly images: readonly unknown[];
    readonly release_date: string | null;
    readonly release_date_precision: string | null;
  };
  readonly show?: Named;
  readonly explicit: boolean;
  readonly external_ids?: { readonly isrc?: string };
}

export interface Wrapper {
  readonly added_at: string | null;
  readonly added_by: { readonly id: string } | null;
  readonly is_local: boolean;
  readonly item: Item | null;
}

export interface Page<T = Wrapper> {
  readonly href: string;
  readonly items: readonly T[];
  readonly limit: number;
  readonly next: string | null;
  readonly offset: number;
  readonly previous: string | null;
  readonly total: number;
}

export interface Playlist extends Named {
  readonly id: string;
  readonly description: string;
  readonly images: readonly { readonly height: number | null }[] | null;
  readonly owner: { readonly id: string; readonly display_name: string | null };
  readonly public: boolean | null;
  readonly snapshot_id: string;
  readonly items?: Page;
}

/** A playlist of one week, all its pages read. */
export interface WholePlaylist extends Playlist {
  readonly entries: readonly Wrapper[];
  readonly pageSizes: readonly number[];
}

export interface DemoReader {
  readonly demo: DemoSpotify;
  /** GETs a path of the demo or a whole address, with a token that the demo handed out. */
  fetch(address: string): Promise<Response>;
  json<T>(address: string): Promise<T>;
  readWhole(playlistId: string): Promise<WholePlaylist>;
  readAll(): Promise<WholePlaylist[]>;
}

export async function openDemo(snapshotDate: string, faults = false): Promise<DemoReader> {
  const demo = await startDemoSpotify({ snapshotDate, faults });
  const granted = await fetch(`${demo.url}/api/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token } = (await granted.json()) as { access_token: string };
  const get = (address: string) =>
    fetch(new URL(address, demo.url), { headers: { authorization: `Bearer ${access_token}` } });
  const json = async <T>(address: string) => (await (await get(address)).json()) as T;
  const readWhole = async (playlistId: string): Promise<WholePlaylist> => {
    const playlist = await json<Playlist>(`/v1/playlists/${playlistId}`);
    const pages = playlist.items ? [playlist.items] : [];
    for (let next = pages[0]?.next; next; next = pages.at(-1)?.next) pages.push(await json<Page>(next));
    return { ...playlist, entries: pages.flatMap(({ items }) => items), pageSizes: pages.map((p) => p.items.length) };
  };
  const readAll = () => Promise.all(demo.playlists.map(({ id }) => readWhole(id)));
  return { demo, fetch: get, json, readWhole, readAll };
}
