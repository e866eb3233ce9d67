import { createHash } from 'node:crypto';
import type { SpotifyPage, SpotifyPlaylist } from './spotify-schemas.ts';
import { WrapperSchema } from './spotify-schemas.ts';

/** The user's saved tracks ("Liked Songs") as a playlist. Spotify gives them neither an ID nor a version. */
export const SAVED_TRACKS_ID = 'savedtracks';
export const SAVED_TRACKS_PATH = '/v1/me/tracks';

/**
 * A version made from the first page: what is saved goes to the front, and what is taken away changes the total, so any
 * change of the list changes one of the two.
 */
function versionOf({ total, items }: SpotifyPage): string {
  const front = items.map((item) => {
    const wrapper = WrapperSchema.safeParse(item);
    if (!wrapper.success) return item;
    const { added_at, track } = wrapper.data;
    return [added_at, (track as { id?: unknown } | null | undefined)?.id ?? null];
  });
  return `saved-${total}-${createHash('sha256').update(JSON.stringify(front)).digest('hex').slice(0, 16)}`;
}

/** The playlist object that Spotify does not have, from the first page of the saved tracks. */
export const savedTracksPlaylist = (page: SpotifyPage): SpotifyPlaylist => ({
  id: SAVED_TRACKS_ID,
  snapshot_id: versionOf(page),
  name: 'Saved tracks',
  description: null,
  public: false,
  collaborative: false,
  owner: null,
  followers: null,
  images: null,
  uri: null,
  external_urls: null,
});
