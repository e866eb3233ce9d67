import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { METRICS } from '../../functions/domain/metrics.ts';
import { costOf, costRows, totals, withCosts } from '../../infra/cost-page.ts';

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = text('docs/cost.md');
const rows = costRows(page);

test('every figure of docs/cost.md is what its formula gives (npm run generate writes them anew)', () => {
  expect(rows.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['crawler', 'secret', 'alarms', 'Lambda', 'S3, raw', 'Athena']),
  );
  expect(page).toBe(withCosts(page));
});

test.each(rows)('$what: the price stands in the table of prices', ({ formula }) => {
  const prices = page.slice(0, page.indexOf('## A month'));
  for (const term of formula.split(' + ')) {
    const price = term.split(' × ').at(-1) ?? '';
    expect(prices).toMatch(new RegExp(`(?:\\| |; |, )${price.replaceAll('.', '\\.')} a `));
  }
});

test('it counts all of our own metrics', () => {
  expect(rows.find(({ what }) => what === 'own metrics')?.formula).toContain(
    `(${Object.keys(METRICS).length} metrics ×`,
  );
});

test('the README says the same: of a month, of a run, and of what can be left out', () => {
  const readme = text('README.md');
  const [one] = totals(page);
  expect(Number(/about (\d+) USD a month while the free tiers last/.exec(readme)?.[1])).toBe(
    Math.round(one?.within ?? 0),
  );
  expect(Number(/and (\d+) without them/.exec(readme)?.[1])).toBe(Math.round(one?.without ?? 0));
  const alarms = rows.find(({ what }) => what === 'alarms')?.formula ?? '';
  expect(Number(/\((\d\.\d+) in all\)/.exec(readme)?.[1])).toBeCloseTo(costOf(alarms, 1).within, 2);
  const crawler = rows.find(({ what }) => what === 'crawler')?.formula ?? '';
  const aRun = costOf(crawler.replace('4.35 runs', '1 run'), 1).within;
  expect(Number(/about (0\.\d+) USD a run/.exec(readme)?.[1])).toBeCloseTo(aRun, 2);
});

describe('a formula', () => {
  test.each<[string, number, number]>([
    ['2 a × 10/60 h × 3.00', 1, 1],
    ['playlists × 2', 10, 10],
    ['(18 metrics − 10 free) × 0.50', 4, 9],
    ['(2 − 10 free) × 0.50', 0, 1],
    ['(playlists × 1,000 − 4,000 free) × 2', 2000, 10_000],
    ['1 × 2 + 3 × 4', 14, 14],
  ])('%s', (formula, within, without) => {
    const cost = costOf(formula, 5);
    expect(cost.within).toBeCloseTo(within);
    expect(cost.without).toBeCloseTo(without);
  });

  test('that is none is refused', () => {
    expect(() => costOf('some × 2', 1)).toThrow('some');
  });
});
