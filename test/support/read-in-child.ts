import { createLake, type Lake } from '../../functions/adapters/lake.ts';
import { createSpotify } from '../../functions/adapters/spotify.ts';
import { createExtract } from '../../functions/extract.ts';
import { createFileS3Client } from '../../infra/local/s3/file-s3.ts';

/**
 * Extract in a process of its own, which the test can kill: `read-in-child.ts URL LAKE_DIR RUN_ID PLAYLISTS KILL_AT`.
 * At write number KILL_AT it kills itself while the write is under way; 0: never.
 */
const [apiUrl = '', lakeDir = '', runId = '', playlists = '', killAt = '0'] = process.argv.slice(2);
const files = createLake({ client: createFileS3Client(lakeDir), bucket: 'lake' });
let writes = 0;
const lake: Lake = {
  ...files,
  async put(...args) {
    writes += 1;
    const written = files.put(...args);
    // A turn or two later: the bytes are on their way to the disk, the object has no name yet.
    if (writes === Number(killAt)) setImmediate(() => process.kill(process.pid, 'SIGKILL'));
    await written;
    if (writes === Number(killAt)) await new Promise(() => {});
  },
};
const extract = createExtract({
  spotify: createSpotify({
    settings: { apiUrl, accountsUrl: apiUrl },
    credentials: { clientId: 'id', clientSecret: 'secret' },
    now: Date.now,
    sleep: async () => {},
    random: () => 0,
    log: () => {},
    saveRefreshToken: async () => {},
  }),
  lake,
  apiUrl,
  playlistIds: playlists.split(','),
  market: null,
  keepPersonalData: false,
  now: () => new Date(),
  remainingMs: () => Number.POSITIVE_INFINITY,
  log: () => {},
});
await extract({ snapshotDate: '2026-11-23', runId, startedAt: '2026-11-23T06:00:00.000Z', playlistIds: null });
