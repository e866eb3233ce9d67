import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';

/** Playlist entries for property tests: anything at all, and Spotify's own with something in them changed. */

const GOLDEN = new URL('../functions/domain/golden/', import.meta.url);

const golden: unknown[] = readdirSync(GOLDEN).flatMap((name) =>
  JSON.parse(readFileSync(new URL(`${name}/entries.json`, GOLDEN), 'utf8')),
);
/** With lists of market codes too, which are cut out before parsing and have to be back in a rejected entry. */
const known = golden.flatMap((entry) => [entry, withMarkets(entry)]);

function withMarkets(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
  const inner = Object.entries(entry).map(([key, value]) => [key, key === 'album' ? value : withMarkets(value)]);
  return { available_markets: ['DE', 'FR'], ...Object.fromEntries(inner) };
}

const oddValue = fc.constantFrom<unknown>(
  null,
  '',
  'NA',
  'null',
  '\ud83d',
  'a\n"b",\t',
  0,
  -1,
  2 ** 31,
  2 ** 53,
  1.5,
  true,
  [],
  {},
  [null],
  { id: 7 },
  'track',
  'episode',
  '1970-01-01T00:00:00Z',
  '2024-02-30T00:00:00Z',
  '0000',
);
const value = fc.oneof(oddValue, fc.jsonValue({ maxDepth: 2 }));

/** Puts another value in one place of a copy, or takes the place away. */
function changed(entry: unknown, path: readonly number[], instead: unknown): unknown {
  const [step = 0, ...rest] = path;
  if (typeof entry !== 'object' || entry === null || path.length === 0) return instead;
  const keys = Object.keys(entry);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return instead;
  const child = (entry as Record<string, unknown>)[key];
  const goesOn = rest.length > 0 && typeof child === 'object' && child !== null;
  const next = goesOn ? changed(child, rest, instead) : instead;
  if (Array.isArray(entry)) return entry.map((element, index) => (String(index) === key ? next : element));
  const { [key]: _, ...others } = entry as Record<string, unknown>;
  return next === undefined ? others : { ...others, [key]: next };
}

const mutated = fc
  .tuple(
    fc.constantFrom(...known),
    fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }),
    fc.option(value, { nil: undefined }),
  )
  .map(([entry, path, instead]) => changed(entry, path, instead) ?? null);

export const arbitraryEntry: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: mutated },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.record({ added_at: value, item: value }) },
);
