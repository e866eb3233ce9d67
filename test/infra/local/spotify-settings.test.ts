import { expect, test } from '@jest/globals';
import { spotifySource } from '../../../infra/local/spotify-settings.ts';

const REAL = { apiUrl: 'https://api.spotify.com', accountsUrl: 'https://accounts.spotify.com' };
const STAND_IN = { SPOTIFY_API_URL: 'http://127.0.0.1:8089/', SPOTIFY_ACCOUNTS_URL: 'http://127.0.0.1:8089' };

test.each<[string, Record<string, string>, object]>([
  ['nothing: the demo', {}, { kind: 'demo' }],
  ['empty variables count as not set', { SPOTIFY_CLIENT_ID: ' ', SPOTIFY_API_URL: '' }, { kind: 'demo' }],
  [
    'as the user who consented',
    { SPOTIFY_CLIENT_ID: 'id', SPOTIFY_REFRESH_TOKEN: 'token' },
    { kind: 'server', settings: REAL, credentials: { clientId: 'id', refreshToken: 'token' } },
  ],
  [
    'as the app itself',
    { SPOTIFY_CLIENT_ID: 'id', SPOTIFY_CLIENT_SECRET: 'secret' },
    { kind: 'server', settings: REAL, credentials: { clientId: 'id', clientSecret: 'secret' } },
  ],
  [
    'a stand-in needs no client',
    STAND_IN,
    {
      kind: 'server',
      settings: { apiUrl: 'http://127.0.0.1:8089', accountsUrl: 'http://127.0.0.1:8089' },
      credentials: { clientId: 'playlist-lake', clientSecret: 'none' },
    },
  ],
])('%s', (_name, environment, source) => {
  expect(spotifySource(environment)).toEqual(source);
});

test('invented credentials never go to the real Spotify', () => {
  expect(() => spotifySource({ SPOTIFY_API_URL: 'http://127.0.0.1:8089' })).toThrow('SPOTIFY_ACCOUNTS_URL');
});
