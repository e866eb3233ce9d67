import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { createLake, type Lake, writeJson } from '../../functions/adapters/lake.ts';
import { InvalidInputError } from '../../functions/domain/errors.ts';
import { manifestKey } from '../../functions/domain/lake-paths.ts';
import { type PurgePlan, planPurge } from '../../functions/purge-plan.ts';
import { createFindInTables } from '../find-in-tables.ts';
import { describePlan, isNothing, TARGET_OPTIONS, TARGET_USAGE, targetOf } from '../purge-target.ts';
import { registerPartitions } from './glue/partitions.ts';
import { rebuild } from './rebuild.ts';
import { createFileS3Client } from './s3/file-s3.ts';
import type { Output } from './start.ts';

const HELP = `Removes a playlist, or old snapshots, from raw, tables and views for good; with --aws, from the lake on AWS.

  npm run purge -- --playlist REF | --before DATE [--yes] [--lake DIR]

${TARGET_USAGE}
  --lake DIR      folder of the lake (default .lake)
  --aws           the lake on AWS: see npm run purge -- --aws --help
`;

/** Asks a person; true for yes. */
export type Ask = (question: string) => Promise<boolean>;

/** `npm run purge`. Resolves to the exit code: 0 when it is done or there is nothing to do, 1 for no, 2 for a wrong command. */
export async function purge(argv: readonly string[], ask: Ask, output: Output): Promise<number> {
  try {
    const { help, yes, lake: lakeDir, ...rest } = readOptions(argv);
    const target = targetOf(rest);
    if (help || !target) {
      output.log(HELP);
      return help ? 0 : 2;
    }
    const lake = createLake({ client: createFileS3Client(lakeDir), bucket: 'playlist-lake' });
    const plan = await planPurge(lake, target, createFindInTables(lake));
    if (isNothing(plan)) {
      output.log(`There is nothing of that in ${lakeDir}.`);
      return 0;
    }
    output.log(describePlan(plan));
    if (!yes && !(await ask('Remove all this? It cannot be undone. [y/N] '))) {
      output.log('Nothing was removed.');
      return 1;
    }
    const code = await carryOut(plan, lake, lakeDir, output);
    // Nothing new: what is gone is forgotten by the catalogue too.
    await registerPartitions(lakeDir, []);
    return code;
  } catch (error) {
    output.error((error as Error).message);
    return error instanceof InvalidInputError ? 2 : 1;
  }
}

/** The tables that are made again come last: as long as they hold the playlist, running it again finds it there. */
async function carryOut(plan: PurgePlan, lake: Lake, lakeDir: string, output: Output): Promise<number> {
  await lake.remove(plan.pointers);
  await lake.remove(plan.keys);
  for (const { place, manifest } of plan.manifests) {
    if (manifest) await writeJson(lake, manifestKey(place), manifest);
    else await lake.remove([manifestKey(place)]);
  }
  let code = 0;
  for (const date of plan.rebuild) {
    code = Math.max(code, await rebuild(['--from', date, '--to', date, '--lake', lakeDir], output));
  }
  output.log(`Removed ${plan.pointers.length + plan.keys.length} objects, changed ${plan.manifests.length} manifests.`);
  return code;
}

function readOptions(argv: readonly string[]) {
  try {
    const options = {
      ...TARGET_OPTIONS,
      lake: { type: 'string', default: '.lake' },
      help: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    throw new InvalidInputError(`${(cause as Error).message.split('. ')[0]}. See npm run purge -- --help`, { cause });
  }
}

async function askTerminal(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

if (import.meta.main) {
  if (process.argv.includes('--aws')) {
    const [{ main }, { purgeOnAws }] = await Promise.all([import('../aws/command.ts'), import('../aws/purge.ts')]);
    await main(purgeOnAws);
  } else process.exitCode = await purge(process.argv.slice(2), askTerminal, console);
}
