import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { createLake, type Lake, writeJson } from '../../functions/adapters/lake.ts';
import { isCalendarDate } from '../../functions/domain/dates.ts';
import { InvalidInputError } from '../../functions/domain/errors.ts';
import { uniqueIds } from '../../functions/domain/execution-input.ts';
import {
  manifestKey,
  parsePartKey,
  publicationKey,
  type RunPlace,
  tablePrefix,
} from '../../functions/domain/lake-paths.ts';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { type PurgePlan, type PurgeTarget, planPurge } from '../../functions/purge-plan.ts';
import { registerPartitions } from './catalog-partitions.ts';
import { createFileS3Client } from './file-s3.ts';
import { rebuild } from './rebuild.ts';
import type { Output } from './start.ts';

const HELP = `Removes a playlist, or old snapshots, from raw, tables and views for good.

  npm run purge -- --playlist REF | --before DATE [--yes] [--lake DIR]

  --playlist REF  ID, spotify:playlist: URI or link: everything of it, in every snapshot
  --before DATE   every snapshot of a date before this one, YYYY-MM-DD
  --yes           do not ask
  --lake DIR      folder of the lake (default .lake)
`;

/** Asks a person; true for yes. */
export type Ask = (question: string) => Promise<boolean>;

/** `npm run purge`. Resolves to the exit code: 0 when it is done or there is nothing to do, 1 for no, 2 for a wrong command. */
export async function purge(argv: readonly string[], ask: Ask, output: Output): Promise<number> {
  try {
    const { help, target, yes, lakeDir } = parse(argv);
    if (help || !target) {
      output.log(HELP);
      return help ? 0 : 2;
    }
    const lake = createLake({ client: createFileS3Client(lakeDir), bucket: 'playlist-lake' });
    const plan = await planPurge(lake, target);
    const count = plan.keys.length + plan.manifests.length;
    if (count === 0) {
      output.log(`There is nothing of that in ${lakeDir}.`);
      return 0;
    }
    output.log(describe(plan));
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

function describe({ keys, manifests, republish }: PurgePlan): string {
  const folder = (name: string) => keys.filter((key) => key.startsWith(name)).length;
  const rebuilt = republish.map(({ place, isEmpty }) => `${place.snapshotDate}${isEmpty ? ' (goes whole)' : ''}`);
  return [
    `raw/: ${folder('raw/')} objects, transformed/: ${folder('transformed/')} files, published/: ${folder('published/')}`,
    ...(manifests.length > 0 ? [`manifests changed: ${manifests.length}`] : []),
    ...(rebuilt.length > 0 ? [`snapshots made again without it: ${rebuilt.join(', ')}`] : []),
  ].join('\n');
}

/** The pointers and manifests first: whatever moment it stops at, running it again removes the rest. */
async function carryOut(plan: PurgePlan, lake: Lake, lakeDir: string, output: Output): Promise<number> {
  for (const { place, isEmpty } of plan.republish) if (isEmpty) await lake.remove([publicationKey(place.snapshotDate)]);
  for (const { place, isEmpty } of plan.republish) if (isEmpty) await removeTables(lake, place);
  await lake.remove(plan.keys);
  for (const { place, manifest } of plan.manifests) {
    if (manifest) await writeJson(lake, manifestKey(place), manifest);
    else await lake.remove([manifestKey(place)]);
  }
  let code = 0;
  for (const { place, isEmpty } of plan.republish) {
    if (isEmpty) continue;
    const date = place.snapshotDate;
    code = Math.max(code, await rebuild(['--from', date, '--to', date, '--lake', lakeDir], output));
  }
  output.log(`Removed ${plan.keys.length} objects, changed ${plan.manifests.length} manifests.`);
  return code;
}

async function removeTables(lake: Lake, { snapshotDate, runId }: RunPlace): Promise<void> {
  for (const table of TABLE_NAMES) {
    const keys = (await lake.list(tablePrefix(table))).map(({ key }) => key);
    await lake.remove(
      keys.filter((key) => {
        const part = parsePartKey(key);
        return part?.snapshotDate === snapshotDate && part.runId === runId;
      }),
    );
  }
}

function parse(argv: readonly string[]): {
  help: boolean;
  yes: boolean;
  lakeDir: string;
  target: PurgeTarget | undefined;
} {
  const { help, yes, lake, playlist, before } = readOptions(argv);
  if (playlist !== undefined && before !== undefined) {
    throw new InvalidInputError('--playlist and --before exclude each other: give one of them');
  }
  if (before !== undefined && !isCalendarDate(before)) {
    throw new InvalidInputError(`--before ${before} is not a date of the calendar in the form YYYY-MM-DD`);
  }
  const [playlistId] = playlist === undefined ? [] : uniqueIds([playlist]);
  const target = playlistId ? { playlistId } : before ? { before } : undefined;
  return { help, yes, lakeDir: lake, target };
}

function readOptions(argv: readonly string[]) {
  try {
    const options = {
      playlist: { type: 'string' },
      before: { type: 'string' },
      yes: { type: 'boolean', default: false },
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

if (import.meta.main) process.exitCode = await purge(process.argv.slice(2), askTerminal, console);
