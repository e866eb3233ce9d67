import { ConfigError } from './domain/errors.ts';
import { DEFAULT_READING } from './domain/reading-config.ts';
import { SAVED_TRACKS_ID } from './domain/saved-tracks.ts';
import type { EarlierReadings } from './earlier-readings.ts';
import type { ExtractRun } from './extract-deps.ts';
import { chosen, type MyPlaylists, type Purpose } from './my-playlists.ts';

/** Which playlists a run reads. */

/** The user's list is asked for when the sources come from it, or when it is cheaper than a call a playlist. */
export async function listPurpose(
  { input, consent, reading = DEFAULT_READING, playlistIds }: ExtractRun,
  earlier: EarlierReadings,
): Promise<Purpose> {
  const sources = input.playlistIds === null && reading.myPlaylists !== 'none';
  if (sources && !consent) {
    throw new ConfigError(
      'myPlaylists needs the consent of a user: npm run auth. A client secret alone has no playlists',
    );
  }
  const userId = sources && reading.myPlaylists !== 'all';
  if (sources || !consent) return { sources, userId, worth: 0 };
  const known = await Promise.all((input.playlistIds ?? playlistIds).map((id) => earlier.complete(id)));
  return { sources, userId, worth: known.filter((record) => record !== undefined).length };
}

/** The IDs to read, each once: the input's, or else the configured ones. Throws ConfigError when there are none. */
export function sourceIds(
  { input, playlistIds, reading = DEFAULT_READING }: ExtractRun,
  list: MyPlaylists,
): readonly string[] {
  if (input.playlistIds) return input.playlistIds;
  const mine = reading.myPlaylists === 'none' ? [] : chosen(list, reading);
  const ids = [...new Set([...playlistIds, ...mine, ...(reading.savedTracks ? [SAVED_TRACKS_ID] : [])])];
  if (ids.length > 0) return ids;
  throw new ConfigError(
    'no playlist to read: name some in cdk.json (context.playlistLake.playlists), or choose some of your own (reading.myPlaylists)',
  );
}
