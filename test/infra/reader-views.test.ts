import { describe, expect, test } from '@jest/globals';
import { TABLE_NAMES, TABLES } from '../../functions/domain/tables.ts';
import { readerViewSql } from '../../infra/reader-views.ts';

describe.each(TABLE_NAMES)('the readers’ view of %s', (table) => {
  const sql = readerViewSql(table);

  test('shows the columns of the contract in order and the date, not the run', () => {
    const [, list = ''] = /SELECT([\s\S]*?)FROM/.exec(sql) ?? [];
    const shown = list.split(',\n').map((column) => /(\w+)\s*$/.exec(column)?.[1]);
    expect(shown).toEqual([...TABLES[table].columns.map(({ name }) => name), 'snapshot_date']);
  });
});
