import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DEFAULT_LIMITS } from '../../functions/domain/validation-parameters.ts';
import { readConfig } from '../../infra/config.ts';

const ID = '37i9dQZF1DX4sWSpwq3LiO';

function cdkJson(playlistLake: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'cdk.json');
  writeFileSync(file, typeof playlistLake === 'string' ? playlistLake : JSON.stringify({ context: { playlistLake } }));
  return file;
}

test('the file of this repository is understood', () => {
  expect(readConfig()).toEqual({
    playlistIds: [],
    market: null,
    keepPersonalData: false,
    validation: DEFAULT_LIMITS,
  });
});

test('playlists in every form, each once', () => {
  const playlists = [ID, `spotify:playlist:${ID}`, `https://open.spotify.com/playlist/${ID}?si=x`];
  expect(readConfig(cdkJson({ playlists })).playlistIds).toEqual([ID]);
});

test.each<[unknown, string]>([
  [{ playlist: [] }, 'playlist'],
  [{ market: 'Germany' }, 'market'],
  [{ keepPersonalData: 'no' }, 'keepPersonalData'],
  [{ playlists: ['my songs'] }, 'my songs'],
  ['{', 'cdk.json cannot be read'],
])('%j is refused in one line that names the key', (block, names) => {
  const read = () => readConfig(cdkJson(block));
  expect(read).toThrow(names);
  expect(read).toThrow(expect.objectContaining({ name: 'ConfigError', message: expect.not.stringContaining('\n') }));
});
