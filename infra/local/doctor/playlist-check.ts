import type { Spotify } from '../../../functions/adapters/spotify.ts';
import type { Regime } from '../../../functions/domain/manifest.ts';
import { parseFirst } from '../../../functions/domain/page-checks.ts';
import { SAVED_TRACKS_ID, SAVED_TRACKS_PATH } from '../../../functions/domain/saved-tracks.ts';
import { FORBIDDEN_REMEDIES, meaningOfForbidden } from '../../../functions/domain/spotify-refusal.ts';
import type { Finding } from './finding.ts';

const MEANINGS = {
  no_premium: 'the app’s owner has no Premium',
  not_registered: 'the user is not on the app’s allow-list',
  not_yours: 'it is not the user’s own',
  endpoint_gone: 'the endpoint is gone for this app',
  no_scope: 'the consent does not cover it',
} as const;

export interface PlaylistCheck {
  readonly finding: Finding;
  readonly regime: Regime | null;
}

/** Whether one playlist can be read, by a single call. Throws what concerns all of them. */
export async function checkPlaylist(playlistId: string, spotify: Spotify): Promise<PlaylistCheck> {
  const path = playlistId === SAVED_TRACKS_ID ? SAVED_TRACKS_PATH : `/v1/playlists/${playlistId}`;
  const answer = await spotify.get(path, { additional_types: 'track,episode' });
  const about = `playlist ${playlistId}`;
  const problem = (detail: string, remedy: string): PlaylistCheck => ({
    finding: { about, is: 'problem', detail, remedy },
    regime: null,
  });
  if (answer.outcome === 'wait') {
    return problem(`not asked: ${answer.reason}`, `Spotify wants to be left alone until ${answer.retryAt}.`);
  }
  if (answer.outcome === 'gone') {
    return problem(
      `404, ${answer.reason}`,
      'It was deleted, made private, or belongs to Spotify itself: take it out of the configuration.',
    );
  }
  if (answer.outcome !== 'ok') {
    const meaning = meaningOfForbidden(path, answer.reason);
    return problem(`403, ${MEANINGS[meaning]} (${answer.reason})`, FORBIDDEN_REMEDIES[meaning]);
  }
  const first = parseFirst(answer.json, playlistId, `the answer for ${about}`);
  if (!first) return problem('its contents are not shown: it is not the user’s own', FORBIDDEN_REMEDIES.not_yours);
  const { playlist, page, regime } = first;
  return { finding: { about, is: 'fine', detail: `${page.total} entries, ${JSON.stringify(playlist.name)}` }, regime };
}
