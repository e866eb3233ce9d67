import { expect, test } from '@jest/globals';
import { playlistIdOf } from '../../../functions/domain/playlist-reference.ts';

const ID = '37i9dQZF1DX4sWSpwq3LiO';

test.each([
  ID,
  ` ${ID} `,
  `spotify:playlist:${ID}`,
  `spotify:user:someone:playlist:${ID}`,
  `https://open.spotify.com/playlist/${ID}`,
  `https://open.spotify.com/playlist/${ID}?si=abc123`,
  `https://open.spotify.com/intl-de/playlist/${ID}?si=1`,
  `http://open.spotify.com/playlist/${ID}/`,
  `https://open.spotify.com/embed/playlist/${ID}`,
])('%s names the playlist', (text) => {
  expect(playlistIdOf(text)).toBe(ID);
});

test.each([
  '',
  'my playlist',
  ID.slice(1),
  `${ID}x`,
  `spotify:track:${ID}`,
  `spotify:playlist:${ID}:x`,
  `https://open.spotify.com/track/${ID}`,
  `https://open.spotify.com.evil.example/playlist/${ID}`,
  `https://evil.example/playlist/${ID}`,
  `file:///playlist/${ID}`,
  '../../../../etc/passwd1',
])('%j is refused in one line', (text) => {
  expect(() => playlistIdOf(text)).toThrow(
    expect.objectContaining({ name: 'InvalidInputError', message: expect.not.stringContaining('\n') }),
  );
});
