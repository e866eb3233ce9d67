import { SpotifyUnavailableError } from './domain/errors.ts';
import { readFirstPage } from './first-page.ts';
import { readFurtherPages } from './further-pages.ts';
import { heldReading } from './held-reading.ts';
import type { ReadOutcome, ReadPlaylistDeps, Step } from './playlist-calls.ts';
import type { OpenReading } from './stored-page.ts';

/** A playlist that moves under the reader is read again this often before the run gives up. */
const MAX_READS = 3;

/**
 * Reads one playlist to its end, or as far as time and Spotify allow, and asks for nothing that the lake holds of the
 * same version. Every response is stored as received, and the progress after each, so that the next call goes on there:
 * the next call with the same place, or the next run of the same date.
 */
export async function readPlaylist(playlistId: string, deps: ReadPlaylistDeps): Promise<ReadOutcome> {
  const held = await heldReading(playlistId, deps);
  if (held !== undefined && held.status !== 'reading') return held;
  const outcome = await readFrom(playlistId, held, deps);
  if (outcome.status !== 'wait' && outcome.status !== 'continue') deps.writer.save(outcome);
  return outcome;
}

async function readFrom(
  playlistId: string,
  held: OpenReading | undefined,
  deps: ReadPlaylistDeps,
): Promise<ReadOutcome> {
  let reading = held;
  let calls = 0;
  let problem = '';
  for (let read = reading?.read ?? 1; read <= MAX_READS; read += 1) {
    const begun: Step = reading ?? (await readFirstPage(playlistId, { read, calls }, deps));
    const ended = 'problem' in begun || begun.status !== 'reading' ? begun : await readFurtherPages(begun, deps);
    if (!('problem' in ended)) return ended;
    ({ problem, calls } = ended);
    reading = undefined;
  }
  throw new SpotifyUnavailableError(
    `playlist ${playlistId} was read ${MAX_READS} times and never came out whole: ${problem}. Run again later.`,
  );
}
