/** The sums of `docs/cost.md`, computed from the formulas that stand in it. */

const PLAYLISTS = [1, 100, 1000] as const;

/** In USD a month: with the free tiers, and without. */
export interface Cost {
  readonly within: number;
  readonly without: number;
}

const NUMBER = /^([\d.,]+)(?:\/(\d+))?/;

/** `4.35 runs`, `10/60 h`, `playlists`: a number, whatever it is of. Throws for anything else. */
function factor(text: string, playlists: number): number {
  if (text === 'playlists') return playlists;
  const [, over = '', under = '1'] = NUMBER.exec(text) ?? [];
  const value = Number(over.replaceAll(',', '')) / Number(under);
  if (over === '' || !Number.isFinite(value)) throw new Error(`docs/cost.md: "${text}" is no number`);
  return value;
}

const product = (text: string, playlists: number): number =>
  text.split(' × ').reduce((value, one) => value * factor(one.trim(), playlists), 1);

/** `(a × b − c free) × price`, or products with plus signs between. */
export function costOf(formula: string, playlists: number): Cost {
  const [, amount, free, price] = /^\((.+) − (.+) free\) × (.+)$/.exec(formula) ?? [];
  if (amount === undefined || free === undefined || price === undefined) {
    const cost = formula.split(' + ').reduce((sum, term) => sum + product(term, playlists), 0);
    return { within: cost, without: cost };
  }
  const used = product(amount, playlists);
  const each = product(price, playlists);
  return { within: Math.max(0, used - factor(free, playlists)) * each, without: used * each };
}

const ROW = /^\| ([^|*]+) \| ([^|]*[×][^|]*) \|.*$/;
const TOGETHER = /^\| \*\*together\*\* \|.*$/m;
const usd = ({ within, without }: Cost): string => `${within.toFixed(2)} / ${without.toFixed(2)}`;

/** What and how, one a row of the table of a month. */
export const costRows = (page: string): { what: string; formula: string }[] =>
  page.split('\n').flatMap((line) => {
    const [, what = '', formula = ''] = ROW.exec(line) ?? [];
    return formula ? [{ what: what.trim(), formula: formula.trim() }] : [];
  });

/** All rows together, for each number of playlists. */
export const totals = (page: string): Cost[] =>
  PLAYLISTS.map((playlists) => {
    const costs = costRows(page).map(({ formula }) => costOf(formula, playlists));
    return costs.reduce((sum, cost) => ({
      within: sum.within + cost.within,
      without: sum.without + cost.without,
    }));
  });

/** The page with every sum computed anew. */
export function withCosts(page: string): string {
  const rows = page.split('\n').map((line) => {
    const [, what = '', formula = ''] = ROW.exec(line) ?? [];
    if (!formula) return line;
    return `| ${[what, formula, ...PLAYLISTS.map((playlists) => usd(costOf(formula.trim(), playlists)))].join(' | ')} |`;
  });
  const sums = totals(page).map((cost) => `**${usd(cost)}**`);
  return rows.join('\n').replace(TOGETHER, `| **together** | | ${sums.join(' | ')} |`);
}
