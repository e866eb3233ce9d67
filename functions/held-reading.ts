import { countEntries } from './domain/manifest.ts';
import { checkNext, parsePage } from './domain/page-checks.ts';
import type { HeldReading } from './earlier-readings.ts';
import type { ReadPlaylistDeps } from './playlist-calls.ts';
import { loadRaw } from './raw-responses.ts';
import { type OpenReading, type OpenRecord, openReading, openRecord } from './stored-page.ts';

type Held = OpenReading | OpenRecord | undefined;

/** What the lake holds of a playlist: of this run, or what another left that is still of the same version. */
export async function heldReading(playlistId: string, deps: ReadPlaylistDeps): Promise<Held> {
  const own = await deps.earlier.own(playlistId);
  return own ? withNextPage(own, deps) : takenOver(playlistId, deps);
}

/** Two runs at once do no harm: each writes below its own prefix and only reads the other's. */
async function takenOver(playlistId: string, deps: ReadPlaylistDeps): Promise<Held> {
  const { earlier, listedVersion, writer } = deps;
  const left = await earlier.unfinished(playlistId);
  if (left && (listedVersion === undefined || left.progress.snapshot_id === listedVersion)) {
    const found = await withNextPage(left, deps);
    // What is complete is found as easily the next time. What is not goes on here, below this run's prefix.
    if (found.status !== 'reading') return { ...found, calls: 0 };
    const mine = { ...found, read: 1, calls: 0 };
    writer.save(mine);
    return mine;
  }
  const complete = listedVersion === undefined ? undefined : await earlier.complete(playlistId);
  return complete && complete.snapshot_id === listedVersion ? openRecord({ ...complete, calls: 0 }) : undefined;
}

/** A run that is killed between storing a page and noting it has the page all the same. */
async function withNextPage({ progress, nextPage: key }: HeldReading, deps: ReadPlaylistDeps) {
  if (progress.status !== 'reading') return openRecord(progress);
  const raw = key && (await loadRaw(key, deps.lake));
  if (!key || !raw) return openReading(progress);
  const offset = countEntries(progress.objects);
  const page = parsePage(raw.json, key);
  checkNext(page, deps.apiUrl);
  const object = { key, offset, entries: page.items.length, ...raw.stored };
  return openReading({ ...progress, more: page.next !== null, objects: [...progress.objects, object] });
}
