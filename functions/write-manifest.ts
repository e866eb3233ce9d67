import { writeJson } from './adapters/lake.ts';
import { callBudget } from './domain/call-budget.ts';
import { tokenDaysLeft } from './domain/consent.ts';
import { manifestKey } from './domain/lake-paths.ts';
import { type Manifest, type PlaylistRecord, SOFTWARE_VERSION } from './domain/manifest.ts';
import type { ExtractRun } from './extract-deps.ts';
import { entriesOf } from './extract-result.ts';
import type { MyPlaylists } from './my-playlists.ts';

/** Accounts for every playlist that was asked for. All that it names has to be stored by now. */
export async function writeManifest(
  run: ExtractRun,
  list: Pick<MyPlaylists, 'calls'>,
  records: PlaylistRecord[],
): Promise<Manifest> {
  const { place, lake, counters } = run;
  const manifest: Manifest = {
    manifest_version: 1,
    software_version: SOFTWARE_VERSION,
    run_id: place.runId,
    snapshot_date: place.snapshotDate,
    started_at: run.input.startedAt,
    finished_at: run.now().toISOString(),
    status: records.every(({ status }) => status === 'complete') ? 'complete' : 'partial',
    market: run.market,
    keep_personal_data: run.keepPersonalData,
    regime: records.find(({ regime }) => regime !== null)?.regime ?? null,
    entries: entriesOf(records),
    calls: {
      made: list.calls + records.reduce((sum, { calls = 0 }) => sum + calls, 0),
      budget: list.calls + records.reduce((sum, record) => sum + callBudget(record, place.runId), 0),
    },
    token_days_left: tokenDaysLeft(run.consent?.authorizedAt ?? null, run.now()),
    playlists: records,
    spotify: counters.spotify(),
  };
  await writeJson(lake, manifestKey(place), manifest);
  return manifest;
}
