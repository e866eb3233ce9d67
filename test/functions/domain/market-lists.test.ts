import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMarketCutter } from '../../../functions/domain/market-lists.ts';

const cutText = (text: string): string => createMarketCutter()(Buffer.from(text));

/** The same value with the lists of codes that the cutter may take emptied, told by the parsed value alone. */
function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(emptied);
  if (typeof value !== 'object' || value === null) return value;
  const isCodes = (list: unknown) =>
    Array.isArray(list) && list.every((code) => typeof code === 'string' && /^[A-Z]*$/.test(code));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === 'available_markets' && isCodes(child) ? [] : emptied(child),
    ]),
  );
}

// Texts that try to be taken for the key, or to hide its end.
const trap = fc.constantFrom(
  'available_markets',
  '"available_markets":["DE"]',
  '\\"available_markets\\":[',
  '"available_markets"',
  'x"available_markets',
  '\\',
  ']',
  '["DE","FR"]',
  '\u2028"available_markets":[]',
);
const text = fc.oneof(
  trap,
  fc.string({ unit: 'binary' }),
  fc.array(trap).map((parts) => parts.join('')),
);
const codes = fc.array(fc.constantFrom('DE', 'FR', 'US', '', 'XK'), { maxLength: 5 });
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(text, fc.constant('available_markets')), fc.oneof(codes, tie('json')), { maxKeys: 4 }),
  ),
}));
const indents = fc.constantFrom(undefined, 1, '\t', ' \n\r');

test('the JSON without market codes says the same otherwise, whatever it holds', () => {
  fc.assert(
    fc.property(json, indents, (value, indent) => {
      const written = JSON.stringify(value, null, indent) as string;
      expect(JSON.parse(cutText(written))).toEqual(emptied(JSON.parse(written)));
    }),
    { numRuns: 700 },
  );
});

test('text that is no JSON does not become JSON', () => {
  const parses = (candidate: string): boolean => {
    try {
      JSON.parse(candidate);
      return true;
    } catch {
      return false;
    }
  };
  const broken = fc
    .tuple(json, fc.nat(), fc.constantFrom('', '"', '\\', ']', '[', ',', ':', 'A'))
    .map(([value, place, put]) => {
      const written = JSON.stringify({ available_markets: ['DE', 'FR'], value }) as string;
      const at = place % written.length;
      return written.slice(0, at) + put + written.slice(at + 1);
    });
  fc.assert(
    fc.property(broken, (candidate) => parses(cutText(candidate)) === parses(candidate)),
    { numRuns: 700 },
  );
});

test.each([
  ['{"available_markets":["DE","FR"],"a":1}', '{"available_markets":[],"a":1}'],
  ['{"available_markets" : [ "DE" , "FR" ] }', '{"available_markets" : [] }'],
  ['{"a":"\\"available_markets\\":[\\"DE\\"]"}', '{"a":"\\"available_markets\\":[\\"DE\\"]"}'],
  ['{"x\\"available_markets":["DE"]}', '{"x\\"available_markets":["DE"]}'],
  [
    '[{"available_markets":["DE"]},{"available_markets":["DE"]},{"available_markets":["de"]}]',
    '[{"available_markets":[]},{"available_markets":[]},{"available_markets":["de"]}]',
  ],
  ['{"available_markets":["D]E"]}', '{"available_markets":["D]E"]}'],
  ['{"available_markets":"DE"}', '{"available_markets":"DE"}'],
  ['{"available_markets":["DE" "FR"]}', '{"available_markets":["DE" "FR"]}'],
])('%s', (before, after) => {
  expect(cutText(before)).toBe(after);
});
