import { readFileSync } from 'node:fs';

/** A block of shell commands in a document that a person reads. */
export interface DocBlock {
  readonly file: string;
  readonly commands: string;
  /** Every line needs an AWS account: nothing that can be run here. */
  readonly isAws: boolean;
}

const ROOT = new URL('../../', import.meta.url);
const AWS_LINE =
  /^(?:npm run (?:deploy|credentials|run:aws|status|diff|destroy)\b|npm run \S+ -- .*--aws\b|export AWS_)/;
const isAwsLine = (line: string): boolean => AWS_LINE.test(line);

/** The blocks of the README and the runbook. Throws for one that is only partly for AWS: nobody could say it works. */
export const docBlocks = (): DocBlock[] =>
  ['README.md', 'docs/runbook.md'].flatMap((file) =>
    [...readFileSync(new URL(file, ROOT), 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(([, commands = '']) =>
      docBlock(file, commands),
    ),
  );

export function docBlock(file: string, commands: string): DocBlock {
  const lines = commands.split('\n').filter((line) => line.trim() !== '');
  const isAws = lines.every(isAwsLine);
  if (!isAws && lines.some(isAwsLine))
    throw new Error(`${file}: commands for AWS and others in one block:\n${commands}`);
  return { file, commands, isAws };
}

/** The commands of AWS blocks, each line once: `npm run run:aws -- --wait`. */
export const awsCommands = (blocks: readonly DocBlock[]): string[] => [
  ...new Set(
    blocks
      .filter(({ isAws }) => isAws)
      .flatMap(({ commands }) => commands.split('\n').filter((line) => line.startsWith('npm '))),
  ),
];

/** The same command, asked for its help: the script, and `--aws` where that chooses the command. */
export function helpOf(command: string): string {
  const [, script = ''] = /^npm run (\S+)/.exec(command) ?? [];
  return `npm run -s ${script} --${/\s--aws\b/.test(command) ? ' --aws' : ''} --help`;
}
