import { describe, expect, test } from '@jest/globals';
import { type Lake, readJson } from '../../functions/adapters/lake.ts';
import { manifestKey } from '../../functions/domain/lake-paths.ts';
import { ManifestSchema } from '../../functions/domain/manifest.ts';
import { fakeSpotify, tracks } from '../support/fake-spotify.ts';
import { extractPayload, newLake, PLACE, stages } from '../support/stages.ts';

const ID = '37i9dQZF1DX4sWSpwq3LiO';
const payload = (input: unknown, runId = 'run-9') => ({ runId, startedAt: '2026-11-23T06:00:00.000Z', input });
const prepareOn = (lake: Lake) => stages(lake, fakeSpotify({}), []).prepare;
const named = (message: string) =>
  expect.objectContaining({ name: 'InvalidInputError', message: expect.stringContaining(message) });

describe('the input of an execution', () => {
  test('the weekly run: nothing is given, the date is that of the start', async () => {
    const { lake } = newLake();
    const prepared = await prepareOn(lake)(payload({}));
    expect(prepared).toMatchObject({ mode: 'snapshot', snapshotDate: '2026-11-23', playlistIds: null });
    expect(prepared.validationParameters.slice(0, 2)).toEqual(["'2026-11-23'", "'run-9'"]);
  });

  test('a weekly run that starts after midnight keeps the date of its schedule; a date that is given wins', async () => {
    const { lake } = newLake();
    const scheduledAt = '2026-11-22T23:30:00Z';
    expect(await prepareOn(lake)(payload({ scheduledAt }))).toMatchObject({ snapshotDate: '2026-11-22' });
    const both = { scheduledAt, snapshotDate: '2026-11-16' };
    expect(await prepareOn(lake)(payload(both))).toMatchObject({ snapshotDate: '2026-11-16' });
  });

  test('a date and playlists in every form, each once', async () => {
    const { lake } = newLake();
    const input = { snapshotDate: '2026-11-16', playlists: [ID, `spotify:playlist:${ID}`] };
    expect(await prepareOn(lake)(payload(input))).toMatchObject({ snapshotDate: '2026-11-16', playlistIds: [ID] });
  });

  test.each<[unknown, string]>([
    [{ snapshotdate: '2026-11-23' }, 'snapshotdate'],
    [{ snapshotDate: '2026-02-30' }, 'input.snapshotDate'],
    [{ snapshotDate: 5 }, 'input.snapshotDate'],
    [{ playlists: 'x' }, 'input.playlists'],
    [{ playlists: [] }, 'input.playlists'],
    [{ playlists: ['not a playlist'] }, 'not a playlist'],
    [{ fromRaw: 'yes' }, 'input.fromRaw'],
    [{ fromRaw: true, validateOnly: true }, 'validateOnly'],
    [{ fromRaw: true, playlists: [ID] }, 'playlists'],
    [{ validateOnly: true, playlists: [ID] }, 'playlists'],
    ['text', 'input'],
    [null, 'input'],
    [{ fromRaw: true }, 'raw holds no finished run of 2026-11-23'],
    [{ validateOnly: true }, 'nothing is published for 2026-11-23'],
  ])('%j is refused by the name of the field', async (input, names) => {
    const { lake } = newLake();
    await expect(prepareOn(lake)(payload(input))).rejects.toEqual(named(names));
    expect(await lake.list('')).toEqual([]);
  });
});

/** A lake with these finished runs of one date, each of so many entries as its place in the list. */
async function lakeWith(runIds: readonly string[]) {
  const { lake } = newLake();
  for (const [index, runId] of runIds.entries()) {
    const spotify = fakeSpotify({ p: { snapshotId: runId, entries: tracks(index + 1) } });
    await stages(lake, spotify, ['p']).extract(extractPayload({}, { ...PLACE, runId }));
  }
  const publish = (runId: string) =>
    stages(lake, fakeSpotify({}), []).publish({ snapshotDate: PLACE.snapshotDate, runId, status: 'complete' });
  return { lake, publish };
}

describe('fromRaw', () => {
  test('this run gets the raw of the published one, and Extract then asks Spotify nothing', async () => {
    const { lake, publish } = await lakeWith(['one', 'two']);
    await publish('one');
    expect(await prepareOn(lake)(payload({ fromRaw: true }))).toMatchObject({ mode: 'fromRaw', status: 'complete' });
    const manifest = await readJson(lake, manifestKey({ ...PLACE, runId: 'run-9' }), ManifestSchema);
    expect(manifest?.playlists[0]?.snapshot_id).toBe('one');
    const spotify = fakeSpotify({});
    const { extract, transform } = stages(lake, spotify, ['p']);
    expect(await extract(extractPayload({}, { ...PLACE, runId: 'run-9' }))).toMatchObject({
      status: 'complete',
      entries: 1,
    });
    expect(spotify.calls).toEqual([]);
    expect(await transform({ ...PLACE, runId: 'run-9' })).toMatchObject({ rows: { playlist_items: 1 } });
  });

  test('without a published run, one that has finished', async () => {
    const { lake } = await lakeWith(['one']);
    await prepareOn(lake)(payload({ fromRaw: true }));
    const manifest = await readJson(lake, manifestKey({ ...PLACE, runId: 'run-9' }), ManifestSchema);
    expect(manifest?.playlists[0]?.snapshot_id).toBe('one');
  });
});

test('validateOnly checks the published run', async () => {
  const { lake, publish } = await lakeWith(['one', 'two']);
  await publish('two');
  const prepared = await prepareOn(lake)(payload({ validateOnly: true }));
  expect(prepared).toMatchObject({ mode: 'validateOnly' });
  expect(prepared.validationParameters.slice(0, 2)).toEqual(["'2026-11-23'", "'two'"]);
});
