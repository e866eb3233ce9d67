import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLake, type Lake } from '../../functions/adapters/lake.ts';
import type { Spotify } from '../../functions/adapters/spotify.ts';
import { createExtract } from '../../functions/extract.ts';
import type { ExtractDeps } from '../../functions/extract-deps.ts';
import { createPrepare } from '../../functions/prepare.ts';
import { createPublish } from '../../functions/publish.ts';
import { createRebuild } from '../../functions/rebuild.ts';
import { createTransform } from '../../functions/transform.ts';
import { createFileS3Client } from '../../infra/local/s3/file-s3.ts';
import { API_URL } from './fake-spotify.ts';

/** A lake in a new folder, served by the real S3 client. */
export function newLake(): { lake: Lake; lakeDir: string } {
  const lakeDir = mkdtempSync(join(tmpdir(), 'playlist-lake-'));
  return { lakeDir, lake: createLake({ client: createFileS3Client(lakeDir), bucket: 'lake' }) };
}

export const NOW = new Date('2026-11-23T06:00:05.678Z');
export const PLACE = { snapshotDate: '2026-11-23', runId: 'run-1' };

/** The payload that the state machine gives to Extract. */
export const extractPayload = (more: object = {}, place = PLACE) => ({
  ...place,
  startedAt: '2026-11-23T06:00:00.000Z',
  playlistIds: null,
  ...more,
});

/** The handlers over one lake. */
export function stages(lake: Lake, spotify: Spotify, playlistIds: readonly string[], more: Partial<ExtractDeps> = {}) {
  const common = { lake, now: () => NOW, log: () => {} };
  return {
    extract: createExtract({
      ...common,
      spotify,
      apiUrl: API_URL,
      playlistIds,
      market: null,
      keepPersonalData: false,
      remainingMs: () => Number.POSITIVE_INFINITY,
      ...more,
    }),
    prepare: createPrepare(common),
    transform: createTransform(common),
    publish: createPublish(common),
    rebuild: createRebuild(common),
  };
}
