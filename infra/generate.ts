import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ColumnType, PARTITION_COLUMNS, TABLE_NAMES, TABLES } from '../functions/domain/tables.ts';
import { readDefinition } from '../statemachine/definition.ts';
import { drawDiagram } from '../statemachine/diagram.ts';
import { withCosts } from './cost-page.ts';
import { dataContract } from './data-contract.ts';
import { licencesPage } from './licences.ts';
import { openEngine } from './local/athena/engine.ts';
import { makeDemoLake } from './local/demo-lake.ts';
import { withAnswers } from './query-answers.ts';

/** `npm run generate`: writes again what is made from the code. Tests hold the written files against it. */

const README = new URL('../README.md', import.meta.url);
const COST = new URL('../docs/cost.md', import.meta.url);
const QUERIES = new URL('../docs/queries.md', import.meta.url);
const VALIDATION = new URL('../statemachine/validation.sql', import.meta.url);
const SQL_BEGIN = '  -- made by npm run generate: begin\n';
const SQL_END = '  -- made by npm run generate: end\n';
const BEGIN = '<!-- made by npm run generate: begin -->';
const END = '<!-- made by npm run generate: end -->';

/** The README with the present diagram between its marks. */
export function readmeWithDiagram(readme: string): string {
  const [before, rest = ''] = readme.split(BEGIN);
  const after = rest.split(END)[1];
  if (after === undefined) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n\n\`\`\`mermaid\n${drawDiagram(readDefinition())}\n\`\`\`\n\n${END}${after}`;
}

/** The contract as the validation query holds it against the catalogue. */
export function validationWithContract(sql: string): string {
  const types: Record<ColumnType, string> = {
    string: 'varchar',
    int: 'integer',
    boolean: 'boolean',
    date: 'date',
    timestamp: 'timestamp',
    strings: 'varchar[]',
  };
  const lines = TABLE_NAMES.flatMap((table) =>
    [...TABLES[table].columns, ...PARTITION_COLUMNS].map(
      ({ name, type }) => `      ('${table}.${name} ${types[type]}')`,
    ),
  );
  const block = `${SQL_BEGIN}  contract (catalogued_column) AS (\n    VALUES\n${lines.join(',\n')}\n  ),\n${SQL_END}`;
  return sql.slice(0, sql.indexOf(SQL_BEGIN)) + block + sql.slice(sql.indexOf(SQL_END) + SQL_END.length);
}

/** Takes some seconds: the demo's weeks are run first. */
async function generateAnswers(): Promise<void> {
  const lakeDir = mkdtempSync(join(tmpdir(), 'demo-lake-'));
  await makeDemoLake(lakeDir);
  const athena = await openEngine(lakeDir);
  writeFileSync(QUERIES, await withAnswers(readFileSync(QUERIES, 'utf8'), athena));
  athena.close();
  rmSync(lakeDir, { recursive: true });
}

if (import.meta.main) {
  writeFileSync(VALIDATION, validationWithContract(readFileSync(VALIDATION, 'utf8')));
  writeFileSync(README, readmeWithDiagram(readFileSync(README, 'utf8')));
  writeFileSync(new URL('../docs/data-contract.md', import.meta.url), dataContract());
  writeFileSync(COST, withCosts(readFileSync(COST, 'utf8')));
  writeFileSync(new URL('../docs/licences.md', import.meta.url), licencesPage());
  await generateAnswers();
}
