import type { QueryResult } from './result-format.ts';

/** A table or view of a catalogue, on AWS or here. */
export interface CatalogEntry {
  readonly database: string;
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly columns: number;
  /** Undefined: it has no partitions by its nature. */
  readonly partitions: number | undefined;
  /** The snapshot date of each partition, in any order. */
  readonly dates: readonly string[];
}

/** The readers' part first, by name: one row a table. */
export function catalogResult(entries: readonly CatalogEntry[]): QueryResult {
  const names = ['database', 'name', 'kind', 'columns', 'partitions', 'first_date', 'last_date'] as const;
  const sorted = entries.toSorted((a, b) => compare(a.database, b.database) || compare(a.name, b.name));
  return {
    columns: names.map((name) => ({ name, type: /^(columns|partitions)$/.test(name) ? 'integer' : 'varchar' })),
    rows: sorted.map(({ database, name, kind, columns, partitions, dates }) => {
      const inOrder = dates.toSorted(compare);
      return [database, name, kind, columns, partitions ?? null, inOrder[0] ?? null, inOrder.at(-1) ?? null];
    }),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
