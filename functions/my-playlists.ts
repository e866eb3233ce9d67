import * as z from 'zod';
import type { Spotify } from './adapters/spotify.ts';
import { ContractError, SpotifyAuthError, SpotifyUnavailableError } from './domain/errors.ts';
import { checkNext, parsePage } from './domain/page-checks.ts';
import { matchesName, type ReadingConfig } from './domain/reading-config.ts';
import { firstIssue } from './domain/spotify-schemas.ts';

/** The user's own list of playlists: which there are, and the version of each for the fiftieth part of a call. */

const PAGE_SIZE = 50;
/** A list that changes while it is read is read again this often. */
const MAX_READS = 3;

const ListedSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9]+$/),
  name: z.string().nullish(),
  snapshot_id: z.string(),
  owner: z.object({ id: z.string() }).nullish(),
});

export const MyPlaylistsSchema = z.strictObject({
  /** Null as long as nobody had to know. */
  user_id: z.string().nullable(),
  total: z.int().min(0).nullable(),
  /** Places of the list that were received; Spotify leaves some empty. */
  received: z.int().min(0),
  done: z.boolean(),
  /** Calls that were answered. */
  calls: z.int().min(0),
  playlists: z.array(
    z.strictObject({ id: z.string(), name: z.string(), owner_id: z.string().nullable(), snapshot_id: z.string() }),
  ),
});
export type MyPlaylists = z.output<typeof MyPlaylistsSchema>;

export interface MyPlaylistsDeps {
  readonly spotify: Spotify;
  readonly apiUrl: string;
  readonly hasTime: () => boolean;
  /** As far as it was read before. */
  readonly held: MyPlaylists | undefined;
  /** Called after each answer. */
  readonly keep: (list: MyPlaylists) => void;
}

/** What the list is for: to know the sources, or only to find out cheaply which playlists are unchanged. */
export interface Purpose {
  readonly sources: boolean;
  readonly userId: boolean;
  /** Calls that the list may save, when it is only for that. */
  readonly worth: number;
}

export type Listed =
  | { readonly status: 'listed'; readonly list: MyPlaylists }
  | { readonly status: 'wait'; readonly retryAt: string; readonly reason: string }
  | { readonly status: 'continue' };

const NOTHING: MyPlaylists = { user_id: null, total: null, received: 0, done: false, calls: 0, playlists: [] };

/**
 * Reads the list as far as it serves its purpose, on from where it stands. Throws SpotifyAuthError when the sources need
 * it and the consent does not allow it.
 */
export async function readMyPlaylists(purpose: Purpose, deps: MyPlaylistsDeps): Promise<Listed> {
  let list = deps.held ?? NOTHING;
  for (let restarts = 0; ; ) {
    if (list.done || !isWorthwhile(purpose, list)) return { status: 'listed', list };
    if (!deps.hasTime()) return { status: 'continue' };
    const next = purpose.userId && list.user_id === null ? await askUser(list, deps) : await askPage(list, deps);
    if (next.status === 'wait') return next;
    if (next.status === 'refused' && purpose.sources) throw notAllowed(next.reason);
    if (next.status === 'refused') return { status: 'listed', list: { ...list, done: true } };
    if (next.status === 'moved') {
      restarts += 1;
      if (restarts >= MAX_READS) throw moving();
    }
    list = next.list;
    deps.keep(list);
  }
}

/** Half a list saves half the calls, but costs nothing more only when it is short. */
const isWorthwhile = ({ sources, worth }: Purpose, { total }: MyPlaylists): boolean =>
  sources || Math.ceil((total ?? 1) / PAGE_SIZE) < worth;

type Asked =
  | { readonly status: 'ok' | 'moved'; readonly list: MyPlaylists }
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'wait'; readonly retryAt: string; readonly reason: string };

async function askUser(list: MyPlaylists, { spotify }: MyPlaylistsDeps): Promise<Asked> {
  const answer = await spotify.get('/v1/me');
  if (answer.outcome === 'wait') return { status: 'wait', retryAt: answer.retryAt, reason: answer.reason };
  if (answer.outcome !== 'ok') return { status: 'refused', reason: answer.reason };
  const user = z.object({ id: z.string() }).safeParse(answer.json);
  if (!user.success) throw new ContractError(`the answer for /v1/me is not a user: ${firstIssue(user.error)}`);
  return { status: 'ok', list: { ...list, user_id: user.data.id, calls: list.calls + 1 } };
}

async function askPage(list: MyPlaylists, { spotify, apiUrl }: MyPlaylistsDeps): Promise<Asked> {
  const query = { limit: String(PAGE_SIZE), offset: String(list.received) };
  const answer = await spotify.get('/v1/me/playlists', query);
  if (answer.outcome === 'wait') return { status: 'wait', retryAt: answer.retryAt, reason: answer.reason };
  if (answer.outcome !== 'ok') return { status: 'refused', reason: answer.reason };
  const name = `the list of playlists from ${list.received} on`;
  const page = parsePage(answer.json, name);
  checkNext(page, apiUrl);
  const calls = list.calls + 1;
  const received = list.received + page.items.length;
  const done = page.next === null;
  const moved = (list.total !== null && list.total !== page.total) || page.offset !== list.received;
  if (moved || (done ? received !== page.total : page.items.length === 0)) {
    return { status: 'moved', list: { ...NOTHING, user_id: list.user_id, calls } };
  }
  const playlists = [...list.playlists, ...page.items.flatMap((item) => listed(item, name))];
  return { status: 'ok', list: { ...list, total: page.total, received, done, calls, playlists } };
}

/** Spotify puts null where a playlist was deleted. */
function listed(item: unknown, name: string): MyPlaylists['playlists'] {
  if (item === null) return [];
  const parsed = ListedSchema.safeParse(item);
  if (!parsed.success)
    throw new ContractError(`${name} holds something that is no playlist: ${firstIssue(parsed.error)}`);
  const { id, snapshot_id, owner } = parsed.data;
  return [{ id, snapshot_id, name: parsed.data.name ?? '', owner_id: owner?.id ?? null }];
}

/** The IDs of those that the configuration asks for, in the order of the list. */
export function chosen({ playlists, user_id }: MyPlaylists, { myPlaylists, namePattern }: ReadingConfig): string[] {
  return playlists
    .filter(({ owner_id }) => myPlaylists === 'all' || (owner_id === user_id) === (myPlaylists === 'owned'))
    .filter(({ name }) => matchesName(name, namePattern))
    .map(({ id }) => id);
}

const notAllowed = (reason: string) =>
  new SpotifyAuthError(
    `the list of your playlists is refused: ${reason}. It needs the consent of a user with the scopes ` +
      'playlist-read-private and playlist-read-collaborative: npm run auth',
  );

const moving = () =>
  new SpotifyUnavailableError(
    `the list of playlists was read ${MAX_READS} times and never came out whole: it keeps changing. Run again later.`,
  );
