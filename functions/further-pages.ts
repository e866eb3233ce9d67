import { countEntries } from './domain/manifest.ts';
import { checkNext, pageProblem, parsePage, totalProblem, versionIn } from './domain/page-checks.ts';
import {
  askFirst,
  askPage,
  askVersion,
  notRead,
  type ReadOutcome,
  type ReadPlaylistDeps,
  type Step,
  type Unwhole,
} from './playlist-calls.ts';
import type { OpenReading } from './stored-page.ts';

const OTHER_ENDPOINT = { items: 'tracks', tracks: 'items' } as const;

/** Reads the pages after the first, checks the sum, and looks whether the playlist moved meanwhile. */
export async function readFurtherPages(begun: OpenReading, deps: ReadPlaylistDeps): Promise<ReadOutcome | Unwhole> {
  let reading = begun;
  let isRefused = false;
  while (reading.more) {
    deps.onProgress(countEntries(reading.pages), reading.total);
    if (!deps.hasTime()) return { status: 'continue' };
    const next = await nextPage(reading, isRefused, deps);
    if ('problem' in next || next.status !== 'reading') return next;
    isRefused ||= next.endpoint !== reading.endpoint;
    reading = next;
  }
  const problem = totalProblem(countEntries(reading.pages), reading);
  if (problem) return { problem, calls: reading.calls };
  // A playlist that came in one response cannot have moved in between.
  return reading.pages.length > 1 ? lookAgain(reading, deps) : complete(reading);
}

async function nextPage(reading: OpenReading, isOtherRefused: boolean, deps: ReadPlaylistDeps): Promise<Step> {
  const { playlist_id: playlistId, endpoint, read } = reading;
  const offset = countEntries(reading.pages);
  const answer = await askPage(reading, offset, deps);
  const calls = reading.calls + 1;
  const isRefused = answer.outcome === 'forbidden' || answer.outcome === 'gone';
  const hasOther = (reading.regime === 'A' || reading.regime === 'B') && !isOtherRefused;
  if (isRefused && hasOther) return { ...reading, calls, endpoint: OTHER_ENDPOINT[endpoint] };
  if (answer.outcome !== 'ok') return notRead(playlistId, answer, calls);
  const page = parsePage(answer.json, `the answer for playlist ${playlistId} from ${offset} on`);
  checkNext(page, deps.apiUrl);
  const problem = pageProblem(page, offset, reading.total);
  if (problem) return { problem, calls };
  await deps.writer.settled();
  const stored = deps.writer.store(answer.body, { playlistId, read, offset, entries: page.items.length });
  const next = { ...reading, calls, more: page.next !== null, pages: [...reading.pages, stored] };
  deps.writer.save(next);
  return next;
}

async function lookAgain(
  reading: OpenReading,
  deps: ReadPlaylistDeps,
  ask = askVersion,
): Promise<ReadOutcome | Unwhole> {
  const { playlist_id, snapshot_id } = reading;
  if (!deps.hasTime()) return { status: 'continue' };
  const answer = await ask(playlist_id, deps);
  const calls = reading.calls + 1;
  if (answer.outcome !== 'ok') return notRead(playlist_id, answer, calls);
  await deps.writer.settled();
  const now = versionIn(answer.json, playlist_id);
  if (now === undefined && ask === askVersion) return lookAgain({ ...reading, calls }, deps, askFirst);
  if (now !== snapshot_id) return { problem: 'it was edited while it was read', calls };
  return complete({ ...reading, calls });
}

const complete = ({ playlist_id, regime, snapshot_id, total, calls, pages }: OpenReading): ReadOutcome => ({
  playlist_id,
  status: 'complete',
  reason: null,
  regime,
  snapshot_id,
  total,
  calls,
  pages,
});
