import { readJson } from './adapters/lake.ts';
import { ConfigError } from './domain/errors.ts';
import { myPlaylistsKey } from './domain/lake-paths.ts';
import { DEFAULT_READING } from './domain/reading-config.ts';
import { openEarlierReadings } from './earlier-readings.ts';
import type { ExtractRun } from './extract-deps.ts';
import { type ExtractResult, summary } from './extract-result.ts';
import { MyPlaylistsSchema, readMyPlaylists } from './my-playlists.ts';
import { readPlaylist } from './read-playlist.ts';
import { listPurpose, sourceIds } from './sources.ts';
import { type OpenRecord, written } from './stored-page.ts';
import { writeManifest } from './write-manifest.ts';

type Interrupted = { status: 'wait'; retryAt: string; reason: string } | { status: 'continue' };

/** Reads every playlist one after the other, then writes the manifest; or says why it could not go on. */
export async function readSources(run: ExtractRun): Promise<ExtractResult> {
  const { counters, log, reading = DEFAULT_READING } = run;
  const records: OpenRecord[] = [];
  const interrupted = async (outcome: Interrupted) => {
    log('reading is interrupted', outcome);
    const retryAt = outcome.status === 'wait' ? outcome.retryAt : null;
    if (outcome.status === 'wait') counters.wait(outcome.retryAt, outcome.reason);
    return summary(outcome.status, retryAt, await Promise.all(records.map(written)), counters.spotify(), run);
  };
  const held = counters.held();
  if (held !== null) return summary('wait', held, [], counters.spotify(), run);

  const earlier = await openEarlierReadings({ ...run, ...reading, rawRetentionDays: run.rawRetentionDays ?? null });
  const listKey = myPlaylistsKey(run.place);
  const listed = await readMyPlaylists(await listPurpose(run, earlier), {
    ...run,
    held: await readJson(run.lake, listKey, MyPlaylistsSchema),
    keep: (list) => run.writer.saveJson(listKey, list),
  });
  if (listed.status !== 'listed') return interrupted(listed);
  const playlistIds = sourceIds(run, listed.list);
  const versions = new Map(listed.list.playlists.map(({ id, snapshot_id }) => [id, snapshot_id]));
  for (const playlistId of playlistIds) {
    const outcome = await readPlaylist(playlistId, {
      ...run,
      earlier,
      listedVersion: versions.get(playlistId),
      onProgress: (entries, total) => log(`${entries} of ${total} entries received`, { playlistId, entries, total }),
    });
    if (outcome.status === 'wait' || outcome.status === 'continue') return interrupted(outcome);
    records.push(outcome);
    const { status, reason, total, calls } = outcome;
    const which = `playlist ${records.length} of ${playlistIds.length}`;
    log(`${which} ${status}${calls === 0 ? ', unchanged' : ''}`, { playlistId, status, reason, total, calls });
  }
  if (records.every(({ status }) => status !== 'complete')) throw nothingReadable(records);
  await run.writer.settled();
  const manifest = await writeManifest(run, listed.list, await Promise.all(records.map(written)));
  return summary(manifest.status, null, manifest.playlists, manifest.spotify, run);
}

/** A snapshot of nothing would be a green run over no data: a person has to look. */
function nothingReadable(records: readonly OpenRecord[]): ConfigError {
  const first = records[0];
  const example = first ? ` (${first.playlist_id}: ${first.status}, ${first.reason})` : '';
  return new ConfigError(
    `none of the ${records.length} playlists can be read${example}. Check the playlists and whose Spotify account was used.`,
  );
}
