import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { configOf, readConfig, requireSources } from '../../infra/config.ts';

const ID = '37i9dQZF1DX4sWSpwq3LiO';

function cdkJson(playlistLake: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'cdk.json');
  writeFileSync(file, typeof playlistLake === 'string' ? playlistLake : JSON.stringify({ context: { playlistLake } }));
  return file;
}

test('the file of this repository is understood', () => {
  expect(readConfig(undefined, {})).toMatchObject({
    playlistIds: [],
    market: null,
    keepPersonalData: false,
    schedule: { day: 'MON', time: '06:00' },
    stage: 'prod',
    secretArn: null,
    validation: { maxRejectedPercent: 10, maxShrunkPercent: 50, maxAgeDays: 8 },
    reading: { myPlaylists: 'none', namePattern: null, savedTracks: false, fullReadEveryWeeks: 4 },
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
  [{ reading: { myPlaylists: 'mine' } }, 'reading.myPlaylists'],
  [{ reading: { fullReadEveryWeeks: 0 } }, 'reading.fullReadEveryWeeks'],
  [{ reading: { every: 4 } }, 'every'],
  [{ validation: { maxRejectedPercent: 101 } }, 'validation.maxRejectedPercent'],
  [{ validation: { maxShrunkPercent: -1 } }, 'validation.maxShrunkPercent'],
  [{ playlists: ['my songs'] }, 'my songs'],
  [{ retentionDays: 0 }, 'retentionDays: has to be 4 or more'],
  [{ retentionDays: 3 }, 'retentionDays'],
  [{ retentionDays: 1.5 }, 'retentionDays'],
  [{ tableRetentionDays: 0 }, 'tableRetentionDays'],
  [{ tableRetentionDays: 89 }, 'tableRetentionDays: 89 is less than retentionDays (90)'],
  [{ schedule: { day: 'MON', time: '24:00' } }, 'schedule.time'],
  [{ schedule: { day: 'monday' } }, 'schedule.day'],
  [{ schedule: { cron: '0 6 31 2 ? *' } }, 'cron'],
  [{ schedule: 'cron(0 6 31 2 ? *)' }, 'schedule: has to be like {"day": "MON", "time": "06:00"}, in UTC; a cron'],
  [{ schedule: { day: 31 } }, 'schedule.day: is not one of MON'],
  [{ alertEmails: 'me@example.org' }, 'alertEmails: has to be a list'],
  [{ playlists: ID }, 'playlists: has to be a list'],
  [{ alertEmails: ['nobody'] }, 'alertEmails.0'],
  [{ stage: 'Prod-1' }, 'stage'],
  [{ secretArn: 'my-secret' }, 'secretArn'],
  [{ bucketName: 'My Bucket' }, 'bucketName'],
  [{ customerKey: 'alias/x' }, 'customerKey'],
  [[], 'playlistLake'],
  ['null', 'cdk.json'],
  ['{', 'cdk.json cannot be read'],
])('%j is refused in one line that names the key', (block, names) => {
  const read = () => readConfig(cdkJson(block), {});
  expect(read).toThrow(names);
  expect(read).toThrow(expect.objectContaining({ name: 'ConfigError', message: expect.not.stringContaining('\n') }));
});

test('an unknown key is answered with the keys there are', () => {
  expect(() => configOf({ playlistLake: { retention: 3 } }, {})).toThrow('retentionDays');
  expect(() => configOf({ playlistLake: { schedule: { hour: 6 } } }, {})).toThrow('day, time');
  expect(() => configOf({ playlistLake: { reading: { every: 6 } } }, {})).toThrow('fullReadEveryWeeks');
});

test.each<[object, boolean]>([
  [{}, false],
  [{ playlists: [ID] }, true],
  [{ reading: { myPlaylists: 'owned' } }, true],
  [{ reading: { savedTracks: true } }, true],
])('%j: there is something to read: %s', (playlistLake, isEnough) => {
  const require = () => requireSources(configOf({ playlistLake }, {}));
  if (isEnough) expect(require).not.toThrow();
  else expect(require).toThrow('playlists: name at least one');
});

test('the environment wins over -c, and -c over the file', () => {
  const context = { playlistLake: { stage: 'one', retentionDays: 7 }, 'playlistLake.stage': 'two' };
  expect(configOf(context, {})).toMatchObject({ stage: 'two', retentionDays: 7 });
  expect(configOf(context, { PLAYLIST_LAKE_STAGE: 'three' }).stage).toBe('three');
});

test('a value from outside is JSON, a text, or a list with commas', () => {
  const environment = {
    PLAYLIST_LAKE_RETENTION_DAYS: '30',
    PLAYLIST_LAKE_KEEP_PERSONAL_DATA: 'true',
    PLAYLIST_LAKE_PLAYLISTS: `${ID}, spotify:playlist:${ID}`,
    PLAYLIST_LAKE_ALERT_EMAILS: 'a@example.org,b@example.org',
    PLAYLIST_LAKE_SCHEDULE: '{"day":"SUN","time":"23:59"}',
  };
  expect(configOf({}, environment)).toMatchObject({
    retentionDays: 30,
    keepPersonalData: true,
    playlistIds: [ID],
    alertEmails: ['a@example.org', 'b@example.org'],
    schedule: { day: 'SUN', time: '23:59' },
  });
});

test('docs/configuration.md has every key, with its default', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| `(.*?)` \|/gm)].map(([, key = '', value = '']) => [
    key,
    JSON.parse(value),
  ]);
  const { playlistIds, ...defaults } = configOf({}, {});
  expect(Object.fromEntries(rows)).toEqual({ playlists: playlistIds, ...defaults });
});
