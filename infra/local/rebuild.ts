import { randomBytes, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createLake } from '../../functions/adapters/lake.ts';
import { type DateRange, rangeProblem } from '../../functions/domain/dates.ts';
import { InvalidInputError } from '../../functions/domain/errors.ts';
import { datesInRaw } from '../../functions/rebuild-plan.ts';
import { readConfig } from '../config.ts';
import { failureReport } from './report.ts';
import { runLocally } from './run.ts';
import { createFileS3Client } from './s3/file-s3.ts';
import type { Output } from './start.ts';

const HELP = `Makes the tables again from raw, through the same checks, without a call to Spotify; with --aws, on AWS.

  npm run rebuild -- [--from DATE] [--to DATE] [--lake DIR]

  --from, --to  first and last snapshot date, YYYY-MM-DD (default: all that raw holds)
  --lake DIR    folder of the lake (default .lake)
  --aws         by the rebuild machine of the deployment: see npm run rebuild -- --aws --help
`;

/** Nothing listens there: a rebuild that called Spotify would fail. */
const NO_SPOTIFY = { apiUrl: 'http://127.0.0.1:9', accountsUrl: 'http://127.0.0.1:9' };

/** `npm run rebuild`. Resolves to the exit code: 0 when every date is published again, 1 when one is not, 2 for a wrong command. */
export async function rebuild(argv: readonly string[], output: Output): Promise<number> {
  try {
    const { help, lakeDir, ...range } = parse(argv);
    if (help) {
      output.log(HELP);
      return 0;
    }
    const lake = createLake({ client: createFileS3Client(lakeDir), bucket: 'playlist-lake' });
    const dates = await datesInRaw(lake, range);
    if (dates.length === 0)
      output.log(`There is nothing to rebuild: raw in ${lakeDir} holds no finished run of these dates.`);
    let failed = 0;
    for (const date of dates) if (!(await rebuildDate(date, lakeDir, output))) failed += 1;
    return failed === 0 ? 0 : 1;
  } catch (error) {
    output.error((error as Error).message);
    return error instanceof InvalidInputError ? 2 : 1;
  }
}

async function rebuildDate(snapshotDate: string, lakeDir: string, output: Output): Promise<boolean> {
  const { outcome, alerts, athena } = await runLocally({
    lakeDir,
    runId: `rebuild-${new Date().toISOString().replace(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`,
    input: { snapshotDate, fromRaw: true },
    config: readConfig(),
    settings: NO_SPOTIFY,
    credentials: { clientId: 'none', clientSecret: 'none' },
    saveRefreshToken: async () => {},
    now: () => new Date(),
    random: Math.random,
    sleep: async () => {},
    newId: randomUUID,
    onEvent: () => {},
    onLog: () => {},
  });
  athena.close();
  if (outcome.status !== 'SUCCEEDED') {
    output.error(failureReport(outcome, alerts.at(-1)));
    return false;
  }
  const { rows } = (outcome.output as { transform: { rows: Record<string, number> } }).transform;
  output.log(`${snapshotDate}: published again, ${rows.playlist_items} entries, ${rows.rejected_items} rejected`);
  return true;
}

function parse(argv: readonly string[]): DateRange & { help: boolean; lakeDir: string } {
  const values = readOptions(argv);
  const problem = rangeProblem(values, '--');
  if (problem) throw new InvalidInputError(problem);
  return { help: values.help, lakeDir: values.lake, from: values.from, to: values.to };
}

function readOptions(argv: readonly string[]) {
  try {
    const options = {
      from: { type: 'string' },
      to: { type: 'string' },
      lake: { type: 'string', default: '.lake' },
      help: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    throw new InvalidInputError(`${(cause as Error).message.split('. ')[0]}. See npm run rebuild -- --help`, { cause });
  }
}

if (import.meta.main) {
  if (process.argv.includes('--aws')) {
    const [{ main }, { rebuildOnAws }] = await Promise.all([import('../aws/command.ts'), import('../aws/rebuild.ts')]);
    await main(rebuildOnAws);
  } else process.exitCode = await rebuild(process.argv.slice(2), console);
}
