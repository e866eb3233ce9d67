import { parseRawKey } from './lake-paths.ts';
import type { PlaylistRecord } from './manifest.ts';
import { SAVED_TRACKS_ID } from './saved-tracks.ts';

/** Entries that come with the playlist object, and entries a page of `/items`. */
const EMBEDDED = 100;
const PAGE = 50;

/**
 * The most calls that a playlist may cost this run: nothing when all its pages stand under other runs, and otherwise the
 * playlist object, its further pages, and one look whether it moved. A playlist that cannot be read costs what it did.
 */
export function callBudget(record: PlaylistRecord, runId: string): number {
  if (record.status !== 'complete') return Math.max(1, record.calls ?? 0);
  if (record.objects.every(({ key }) => parseRawKey(key)?.runId !== runId)) return 0;
  const total = record.total ?? 0;
  if (record.playlist_id === SAVED_TRACKS_ID) return Math.max(1, Math.ceil(total / PAGE)) + 1;
  return 1 + Math.ceil(Math.max(0, total - EMBEDDED) / PAGE) + 1;
}
