import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { quickCheck } from '../../../functions/domain/quick-check.ts';
import { EpisodeSchema, TrackSchema, WrapperSchema } from '../../../functions/domain/spotify-schemas.ts';
import { arbitraryEntry } from '../../support/arbitrary-entries.ts';

const inner = (entry: unknown): unknown =>
  typeof entry === 'object' && entry !== null && 'item' in entry ? entry.item : entry;

test.each([
  ['a wrapper', WrapperSchema, (entry: unknown) => entry],
  ['a track', TrackSchema, inner],
  ['an episode', EpisodeSchema, inner],
] as const)('%s: the quick check says what zod says', (_name, schema, part) => {
  const check = quickCheck(schema);
  const verdicts = { yes: 0, no: 0 };
  fc.assert(
    fc.property(arbitraryEntry, (entry) => {
      const answer = check(part(entry));
      verdicts[answer ? 'yes' : 'no'] += 1;
      expect(answer).toBe(schema.safeParse(part(entry)).success);
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(verdicts.yes, verdicts.no)).toBeGreaterThan(25);
});

test.each([-1, 0, 7, 8, 1.5, 2 ** 53, Number.NaN, '1', null, undefined])('whole numbers: %p', (value) => {
  const schema = z.int().min(0).max(7);
  expect(quickCheck(schema)(value)).toBe(schema.safeParse(value).success);
});

test('every kind of field, there, null and absent', () => {
  const kinds = { text: z.string(), truth: z.boolean(), whole: z.int(), list: z.array(z.string()), any: z.unknown() };
  const value = fc.constantFrom('x', true, 1, ['x'], [1], {}, null);
  for (const [kind, plain] of Object.entries(kinds)) {
    const schema = z.object({
      plain,
      optional: plain.optional(),
      nullable: plain.nullable(),
      nullish: plain.nullish(),
      inner: z.object({ plain }).nullish(),
    });
    const check = quickCheck(schema);
    const good = { text: 'x', truth: true, whole: 1, list: ['x'], any: 'x' }[kind];
    const field = fc.oneof({ weight: 4, arbitrary: fc.constant(good) }, value);
    const record = fc.record(
      {
        plain: field,
        optional: field,
        nullable: field,
        nullish: field,
        inner: fc.oneof(fc.record({ plain: field }, { requiredKeys: [] }), value),
      },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(record, (object) => check(object) === schema.safeParse(object).success));
  }
});

test.each([
  ['a transform', z.string().transform(Number)],
  ['a pattern', z.string().regex(/x/)],
  ['an exclusive bound', z.int().gt(3)],
  ['strict keys', z.strictObject({})],
])('%s has no quick check', (_name, schema) => {
  expect(() => quickCheck(schema)).toThrow(/no quick check/);
});
