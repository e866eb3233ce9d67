import { ContractError } from './domain/errors.ts';
import { checkNext, type FirstPage, pageProblem, parseFirst } from './domain/page-checks.ts';
import { askFirst, notRead, type ReadPlaylistDeps, type Step, unreadable } from './playlist-calls.ts';
import { loadRaw } from './raw-responses.ts';
import { type OpenReading, type StoredPage, storedPage } from './stored-page.ts';

/** Where a reading stands: which one of the playlist, and the calls of this run before it. */
interface Round {
  readonly read: number;
  readonly calls: number;
}

/** Begins a reading with the playlist object, which carries the first page. */
export async function readFirstPage(playlistId: string, { read, calls }: Round, deps: ReadPlaylistDeps): Promise<Step> {
  const orphan = read === 1 ? await heldFirstPage(playlistId, deps) : undefined;
  if (orphan) return begun(orphan.first, orphan.page, { read, calls }, deps);
  if (!deps.hasTime()) return { status: 'continue' };
  const answer = await askFirst(playlistId, deps);
  if (answer.outcome !== 'ok') return notRead(playlistId, answer, calls + 1);
  const first = checkedFirst(answer.json, playlistId, `the answer for playlist ${playlistId}`, deps);
  if (first === undefined) {
    const reason = 'Spotify shows this app the contents of playlists that you own or collaborate on only';
    return unreadable(playlistId, 'not_yours', reason, calls + 1);
  }
  const problem = pageProblem(first.page, 0, first.page.total);
  if (problem) return { problem, calls: calls + 1 };
  await deps.writer.settled();
  const page = deps.writer.store(answer.body, { playlistId, read, offset: 0, entries: first.page.items.length });
  return begun(first, page, { read, calls: calls + 1 }, deps);
}

/** Stored right before a run was cut off, and still of the version that is wanted. */
async function heldFirstPage(playlistId: string, deps: ReadPlaylistDeps) {
  const key = deps.earlier.firstPageWithoutProgress(playlistId);
  const held = key && (await loadRaw(key, deps.lake));
  const first = held && checkedFirst(held.json, playlistId, key, deps);
  if (!held || !first || (deps.listedVersion ?? first.playlist.snapshot_id) !== first.playlist.snapshot_id) {
    return undefined;
  }
  return { first, page: storedPage({ key, offset: 0, entries: first.page.items.length, ...held.stored }) };
}

function checkedFirst(json: unknown, playlistId: string, name: string, deps: ReadPlaylistDeps): FirstPage | undefined {
  const first = parseFirst(json, playlistId, name);
  if (first === undefined) return undefined;
  const { page, playlist } = first;
  checkNext(page, deps.apiUrl);
  if (playlist.id !== playlistId) throw new ContractError(`asked for playlist ${playlistId}, got ${playlist.id}`);
  return first;
}

async function begun(
  { page, playlist, regime }: FirstPage,
  stored: StoredPage,
  { read, calls }: Round,
  deps: ReadPlaylistDeps,
): Promise<Step> {
  const { id: playlist_id, snapshot_id } = playlist;
  const { total } = page;
  const known = page.next === null ? undefined : await deps.earlier.complete(playlist_id);
  const isKnown = known?.snapshot_id === snapshot_id && known.total === total;
  if (isKnown && known.objects[0]?.entries === stored.entries) {
    // The same version: its further pages are in the lake. This first one is fresher, and shows who follows it today.
    const pages = [stored, ...known.objects.slice(1).map(storedPage)];
    return { playlist_id, status: 'complete', reason: null, regime, snapshot_id, total, calls, pages };
  }
  const reading: OpenReading = {
    playlist_id,
    status: 'reading',
    read,
    regime,
    endpoint: regime === 'A' ? 'tracks' : 'items',
    snapshot_id,
    total,
    calls,
    more: page.next !== null,
    pages: [stored],
  };
  // Where nothing more follows, the next thing to note is that it is complete.
  if (reading.more) deps.writer.save(reading);
  return reading;
}
