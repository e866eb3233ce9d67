import { readFileSync, writeFileSync } from 'node:fs';
import { readDefinition } from '../statemachine/definition.ts';
import { drawDiagram } from '../statemachine/diagram.ts';
import { dataContract } from './data-contract.ts';

/** `npm run generate`: writes again what is made from the code. Tests hold the written files against it. */

const README = new URL('../README.md', import.meta.url);
const BEGIN = '<!-- made by npm run generate: begin -->';
const END = '<!-- made by npm run generate: end -->';

/** The README with the present diagram between its marks. */
export function readmeWithDiagram(readme: string): string {
  const [before, rest = ''] = readme.split(BEGIN);
  const after = rest.split(END)[1];
  if (after === undefined) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n\n\`\`\`mermaid\n${drawDiagram(readDefinition())}\n\`\`\`\n\n${END}${after}`;
}

if (import.meta.main) {
  writeFileSync(README, readmeWithDiagram(readFileSync(README, 'utf8')));
  writeFileSync(new URL('../docs/data-contract.md', import.meta.url), dataContract());
}
