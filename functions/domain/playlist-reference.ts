import { InvalidInputError } from './errors.ts';

/** Spotify IDs are 22 characters of base 62. */
const ID = /^[A-Za-z0-9]{22}$/;
const URI = /^spotify:(?:user:[^:]+:)?playlist:([A-Za-z0-9]{22})$/;
const LINK_PATH = /^\/(?:intl-[a-z-]+\/|embed\/|user\/[^/]+\/)?playlist\/([A-Za-z0-9]{22})\/?$/;

/**
 * The ID of a playlist, given as a bare ID, a `spotify:playlist:` URI or an `open.spotify.com` link.
 * Throws InvalidInputError that quotes the text and says the three forms.
 */
export function playlistIdOf(reference: string): string {
  const text = reference.trim();
  const id = ID.test(text) ? text : (URI.exec(text)?.[1] ?? idInLink(text));
  if (id !== undefined) return id;
  throw new InvalidInputError(
    `playlist ${JSON.stringify(reference)} is not a playlist: give its 22-character ID, ` +
      'spotify:playlist:ID or https://open.spotify.com/playlist/ID',
  );
}

function idInLink(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined;
  return url.hostname === 'open.spotify.com' ? LINK_PATH.exec(url.pathname)?.[1] : undefined;
}
