import { beforeAll, describe, expect, test } from '@jest/globals';
import { flattenEntry } from '../../../../functions/domain/flatten.ts';
import { type Item, type Named, openDemo, type WholePlaylist, type Wrapper } from './demo-reader.ts';

/** The Mondays of the eight weeks of the story, and of the ninth, in which it starts over. */
const MONDAYS = Array.from({ length: 9 }, (_, week) =>
  new Date(Date.UTC(2026, 0, 5 + 7 * week)).toISOString().slice(0, 10),
);
const ID = /^[A-Za-z0-9]{22}$/;

/** All playlists in full, week by week, read over HTTP. */
let weeks: WholePlaylist[][];

const readWeek = async (date: string): Promise<WholePlaylist[]> => {
  const reader = await openDemo(date);
  const playlists = await reader.readAll();
  await reader.demo.close();
  return playlists;
};

beforeAll(async () => {
  weeks = await Promise.all(MONDAYS.map(readWeek));
});

const eachWeek = Array.from({ length: 8 }, (_, week) => week);
const playlistsOf = (week: number): WholePlaylist[] => weeks[week] ?? [];
const entriesOf = (week: number): Wrapper[] => playlistsOf(week).flatMap(({ entries }) => entries);
const kindOf = (entry: Wrapper) => {
  const flat = flattenEntry(entry, { playlistId: 'any', position: 0, keepPersonalData: true });
  return 'rejected' in flat ? flat.rejected.reason : flat.item.kind;
};

describe.each(eachWeek)('week %i', (week) => {
  test('the pages of each playlist add up to its total', () => {
    expect(playlistsOf(week)).toHaveLength(4);
    for (const { items, entries } of playlistsOf(week)) expect(entries).toHaveLength(items?.total ?? -1);
    const long = playlistsOf(week).find(({ name }) => name === 'The Long Way Home');
    expect(long?.pageSizes.slice(0, 3)).toEqual([100, 50, 50]);
    expect(long?.pageSizes).toHaveLength(4);
  });

  test('every entry loads, and each kind is there', () => {
    expect([...new Set(entriesOf(week).map(kindOf))].sort()).toEqual(['episode', 'local', 'track', 'unavailable']);
  });

  test('one artist is in every playlist', () => {
    for (const { name, entries } of playlistsOf(week)) {
      const artists = entries.flatMap(({ item }) => item?.artists?.map((artist) => artist.name) ?? []);
      expect([name, artists]).toEqual([name, expect.arrayContaining(['Ondine Okafor'])]);
    }
  });

  test('nothing was added before it came out, or later than 2025', () => {
    const odd = entriesOf(week).filter(({ added_at, item }) => {
      if (added_at === null || added_at.startsWith('1970')) return false;
      return added_at < (item?.album?.release_date ?? '') || added_at >= '2026';
    });
    expect(odd.map(({ added_at, item }) => `${item?.name} ${added_at}`)).toEqual([]);
  });

  test('no playlist grows or shrinks by more than a tenth, also when the story starts over', () => {
    for (const { id, entries } of playlistsOf(week)) {
      const after = playlistsOf(week + 1).find((playlist) => playlist.id === id)?.entries.length ?? 0;
      expect(Math.abs(after - entries.length) / entries.length).toBeLessThan(0.1);
    }
  });
});

/** Each entry or playlist that pipelines of this kind have stumbled over, and how to recognise it. */
const ODD_ENTRIES: [string, (entry: Wrapper, item: Item | null) => boolean | undefined][] = [
  ['null entry', (_, item) => item === null],
  ['local file with every ID null', ({ is_local }, item) => is_local && item?.id === null && item.album?.id === null],
  ['local file of unknown artist and album', (_, item) => item?.uri?.startsWith('spotify:local:::voice+memo')],
  ['dead track', (entry, item) => item?.uri === 'spotify:track:null' && item.id === null && !entry.is_local],
  ['episode with its show', (_, item) => item?.type === 'episode' && !item.artists && ID.test(item.show?.id ?? '')],
  ['release date: a year', (_, item) => item?.album?.release_date === '1981'],
  ['release date: a month', (_, item) => /^\d{4}-\d{2}$/.test(item?.album?.release_date ?? '')],
  ['release date: 0000, nameless album', (_, item) => item?.album?.release_date === '0000' && item.album.name === ''],
  ['release date: empty', (_, item) => item?.album?.release_date === ''],
  ['release date: 1600-01-01', (_, item) => item?.album?.release_date === '1600-01-01'],
  [
    'compilation whose artist is not the track’s',
    (_, item) =>
      item?.album?.album_type === 'compilation' &&
      item.album.artists[0]?.name === 'Various Artists' &&
      item.artists?.every(({ name }) => name !== 'Various Artists'),
  ],
  ['featured artists', (_, item) => (item?.artists?.length ?? 0) > 1],
  [
    'no artists at all',
    (_, item) => item?.artists?.length === 0 && item.album?.artists.length === 0 && item.id !== null,
  ],
  ['added_at null', ({ added_at }) => added_at === null],
  ['added_at 1970', ({ added_at }) => added_at === '1970-01-01T00:00:00Z'],
  ['added_by null', ({ added_by }) => added_by === null],
  ['added_by without an ID', ({ added_by }) => added_by?.id === ''],
  ['added_by somebody else', ({ added_by }) => added_by?.id === 'ondine.okafor'],
  ['external_urls {} of a track', (_, item) => item?.id !== null && isEmpty(item?.external_urls)],
  ['external_urls {} of an artist', (_, item) => item?.artists?.some((a) => a.id !== null && isEmpty(a.external_urls))],
  ['explicit', (_, item) => item?.explicit],
  ['album without a cover', (_, item) => ID.test(item?.album?.id ?? '') && item?.album?.images.length === 0],
  ['title "null"', (_, item) => item?.name === 'null'],
  ['title "NA"', (_, item) => item?.name === 'NA'],
  ['title of digits', (_, item) => item?.name === '1024'],
  ['title with a newline', (_, item) => item?.name.includes('\n')],
  ['title with a tab', (_, item) => item?.name.includes('\t')],
  ['title with a quote', (_, item) => item?.name.includes('"')],
  ['title with a comma', (_, item) => item?.name.includes(',')],
  ['title with an apostrophe', (_, item) => item?.name.includes("'")],
  ['title of emoji', (_, item) => item?.name === '🫖🫖🫖'],
  ['title with accents', (_, item) => /[éñü]/.test(item?.name ?? '')],
  ['title in Japanese', (_, item) => /\p{Script=Hiragana}/u.test(item?.name ?? '')],
  ['title from right to left', (_, item) => /\p{Script=Arabic}/u.test(item?.name ?? '')],
  ['artist named "NA"', (_, item) => item?.artists?.some(({ name }) => name === 'NA')],
  ['artist of digits', (_, item) => item?.artists?.some(({ name }) => name === '4096')],
];

const isEmpty = (links: Item['external_urls'] | undefined) => links !== undefined && Object.keys(links).length === 0;

describe('what is odd is there every week', () => {
  test.each(ODD_ENTRIES)('%s', (_, isIt) => {
    for (const week of eachWeek)
      expect(entriesOf(week).filter((entry) => isIt(entry, entry.item)).length).toBeGreaterThan(0);
  });

  test('the same track twice in one playlist', () => {
    for (const week of eachWeek) {
      const repeated = playlistsOf(week).filter(({ entries }) => {
        const ids = entries.flatMap(({ item }) => (item?.type === 'track' && item.id !== null ? [item.id] : []));
        return new Set(ids).size < ids.length;
      });
      expect(repeated.length).toBeGreaterThan(0);
    }
  });

  test.each<[string, (playlist: WholePlaylist) => boolean | undefined]>([
    ['images null', ({ images }) => images === null],
    ['image of unknown size', ({ images }) => images?.some(({ height }) => height === null)],
    ['description empty', ({ description }) => description === ''],
    ['description with HTML entities', ({ description }) => description.includes('&quot;')],
    ['public null', (playlist) => playlist.public === null],
    ['owner without a name', ({ owner }) => owner.display_name === null],
    ['owner with # in the ID', ({ owner }) => owner.id.includes('#')],
    ['emoji in the name', ({ name }) => name.includes('🌱')],
  ])('playlist: %s', (_, isIt) => {
    for (const week of eachWeek) expect(playlistsOf(week).filter(isIt).length).toBeGreaterThan(0);
  });
});

/** What a listener would call the same entry: the track and when it was added. */
const entryNames = ({ entries }: WholePlaylist) => entries.map(({ item, added_at }) => `${item?.uri} ${added_at}`);

describe('from week to week', () => {
  const changes = eachWeek.slice(1).flatMap((week) => [0, 1, 2, 3].map((playlist) => ({ week, playlist })));
  const pair = ({ week, playlist }: { week: number; playlist: number }) => {
    const before = playlistsOf(week - 1)[playlist];
    const after = playlistsOf(week)[playlist];
    if (!before || !after) throw new Error(`no playlist ${playlist} in week ${week}`);
    return { before, after };
  };

  test.each(changes)('snapshot_id of playlist $playlist moves in week $week exactly when its entries do', (change) => {
    const { before, after } = pair(change);
    const isSame = JSON.stringify(before.entries) === JSON.stringify(after.entries);
    expect(before.snapshot_id === after.snapshot_id).toBe(isSame);
  });

  test('playlists are changed and left alone, entries are added, removed and moved', () => {
    const seen = { same: 0, added: 0, removed: 0, moved: 0 };
    for (const change of changes) {
      const { before, after } = pair(change);
      const [was, is] = [entryNames(before), entryNames(after)];
      const stayed = is.filter((entry) => was.includes(entry));
      if (before.snapshot_id === after.snapshot_id) seen.same += 1;
      if (stayed.length < is.length) seen.added += 1;
      if (stayed.length < was.length) seen.removed += 1;
      if (stayed.join() !== was.filter((entry) => is.includes(entry)).join()) seen.moved += 1;
    }
    // 28 pairs of weeks: one playlist of the four rests every second week.
    expect(seen).toEqual({ same: 4, added: 24, removed: 24, moved: expect.any(Number) });
    expect(seen.moved).toBeGreaterThanOrEqual(10);
  });

  test.each([
    ['a climber', 'Paper Boat, Paper Sea', [22, 17, 11, 6, 3, 1, 1, 2]],
    ['a one-week wonder', "Jingle in D'Minor", [0, 0, 0, 1, 0, 0, 0, 0]],
    ['one who comes back', 'Umbrella Thief', [4, 6, 9, 0, 0, 0, 5, 3]],
    ['one who never moves', 'Car Deck Lullaby', [12, 12, 12, 12, 12, 12, 12, 12]],
  ])('the radio list has %s', (_, title, places) => {
    const radio = eachWeek.map((week) => playlistsOf(week).find(({ name }) => name === 'Monday on the Late Ferry'));
    expect(radio.map((list) => (list?.entries.findIndex(({ item }) => item?.name === title) ?? -1) + 1)).toEqual(
      places,
    );
  });

  test('every day of a week gives the same answers, and so does the same week eight weeks later', async () => {
    const withoutLinks = (playlists: WholePlaylist[]) =>
      playlists.map(({ id, snapshot_id, entries }) => ({ id, snapshot_id, entries }));
    expect(withoutLinks(await readWeek('2026-01-11'))).toEqual(withoutLinks(playlistsOf(0)));
    expect(withoutLinks(playlistsOf(8))).toEqual(withoutLinks(playlistsOf(0)));
  });
});

/** Every object that has a type of its own, however deep it lies. */
function namedObjects(value: unknown): Named[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'type' in value && 'uri' in value && 'id' in value && value.type !== 'user' ? [value as Named] : [];
  return [...own, ...Object.values(value).flatMap(namedObjects)];
}

describe('IDs', () => {
  const objects = () => eachWeek.flatMap(playlistsOf).flatMap(({ items: _, ...playlist }) => namedObjects(playlist));

  test('are 22 characters of base 62, and agree with the addresses beside them', () => {
    const withId = objects().filter(({ id }) => id !== null);
    expect(withId.length).toBeGreaterThan(5000);
    for (const { id, uri, href, type, external_urls } of withId) {
      expect(id).toMatch(ID);
      expect(uri).toBe(`spotify:${type}:${id}`);
      expect(href).toMatch(new RegExp(`^https?://[^/]+/v1/${type}s/${id}$`));
      if (external_urls.spotify) expect(external_urls.spotify).toBe(`https://open.spotify.com/${type}/${id}`);
    }
  });

  test('stand for one thing each', () => {
    const meanings = new Map<string, Set<string>>();
    for (const { id, type, name } of objects()) {
      if (id !== null) meanings.set(id, (meanings.get(id) ?? new Set()).add(`${type} ${name}`));
    }
    expect([...meanings].filter(([, names]) => names.size > 1)).toEqual([]);
    const distinct = [...meanings.values()].flatMap((names) => [...names]);
    // Two albums or artists of the same name would be allowed; there are none, so a count proves that IDs differ.
    expect(new Set(distinct).size).toBe(meanings.size);
  });

  test('recording codes belong to one track each', () => {
    const codes = new Map<string, Set<string>>();
    for (const { item } of eachWeek.flatMap(entriesOf)) {
      const isrc = item?.external_ids?.isrc;
      if (isrc) codes.set(isrc, (codes.get(isrc) ?? new Set()).add(item.id ?? ''));
    }
    expect([...codes].filter(([code, ids]) => ids.size > 1 || !/^ZZLKE\d{7}$/.test(code))).toEqual([]);
    expect(codes.size).toBeGreaterThan(200);
  });
});
