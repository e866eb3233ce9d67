import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { consentNotice, tokenDaysLeft } from '../../functions/domain/consent.ts';
import { ConfigError, InvalidInputError } from '../../functions/domain/errors.ts';
import type { ReadingConfig } from '../../functions/domain/reading-config.ts';
import { readConfig } from '../config.ts';
import { snapshotAnswers } from './answers.ts';
import { parseStartArguments, START_HELP, type StartArguments } from './arguments.ts';
import { type DemoSpotify, startDemoSpotify } from './demo-spotify/server.ts';
import { makeLakeFolder } from './lake-folder.ts';
import { openSpotify } from './open-spotify.ts';
import { showProgress } from './progress.ts';
import { checkReachable } from './reachable.ts';
import { failureReport, successReport } from './report.ts';
import { type LocalResult, runLocally } from './run.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the command's words go, a line each. */
export interface Output {
  readonly log: (text: string) => void;
  readonly error: (text: string) => void;
}

/**
 * `npm start`: takes one snapshot on this machine. Resolves to the exit code: 0 only when it is published, 2 when the
 * command or its environment is not understood, 1 for every other failure. Never rejects.
 */
export async function start(argv: readonly string[], environment: Environment, output: Output): Promise<number> {
  try {
    return await takeSnapshot(argv, environment, output);
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    output.error((environment.DEBUG && stack) || `${name}: ${message}`);
    return error instanceof InvalidInputError || error instanceof ConfigError ? 2 : 1;
  }
}

async function takeSnapshot(argv: readonly string[], environment: Environment, output: Output): Promise<number> {
  const options = parseStartArguments(argv);
  if (options.help) {
    output.log(START_HELP);
    return 0;
  }
  const today = new Date().toISOString().slice(0, 10);
  const snapshotDate = options.snapshotDate ?? today;
  const source = await openSource(environment, snapshotDate, options.demo);
  try {
    const playlistIds = options.playlistIds ?? source.playlistIds;
    if (playlistIds.length === 0 && !readsMore(source.config.reading)) {
      throw new ConfigError(
        'no playlist to read: name them in cdk.json (context.playlistLake.playlists) or by --playlist',
      );
    }
    if (!source.demo) await checkReachable(source.settings.accountsUrl);
    await makeLakeFolder(options.lakeDir);
    output.log(source.says);
    return await runOnce(options, snapshotDate, { ...source, playlistIds }, output);
  } finally {
    await source.demo?.close();
  }
}

/** Whether the configuration names sources beside single playlists. */
const readsMore = (reading: ReadingConfig | undefined): boolean =>
  reading !== undefined && (reading.myPlaylists !== 'none' || reading.savedTracks);

interface Source
  extends Pick<
    Parameters<typeof runLocally>[0],
    'settings' | 'credentials' | 'saveRefreshToken' | 'config' | 'consent'
  > {
  readonly demo?: DemoSpotify;
  readonly playlistIds: readonly string[];
  readonly says: string;
}

const AUTH = 'npm run auth';

async function openSource(environment: Environment, snapshotDate: string, isDemo: boolean): Promise<Source> {
  const config = readConfig();
  const source = isDemo ? ({ kind: 'demo' } as const) : await openSpotify(environment);
  if (source.kind === 'server') return { ...source, config, playlistIds: config.playlistIds };
  const demo = await startDemoSpotify({ snapshotDate });
  return {
    demo,
    config,
    settings: { apiUrl: demo.url, accountsUrl: demo.url },
    credentials: { clientId: 'demo', clientSecret: 'demo' },
    saveRefreshToken: async () => {},
    consent: { authorizedAt: null, command: AUTH },
    playlistIds: demo.playlists.map(({ id }) => id),
    says: `${isDemo ? 'As asked for' : 'No credentials'}: reading the built-in demo Spotify at ${demo.url}, with invented playlists.`,
  };
}

async function runOnce(options: StartArguments, snapshotDate: string, source: Source, output: Output): Promise<number> {
  const { lakeDir } = options;
  const progress = showProgress();
  const result = await runLocally({
    ...source,
    lakeDir,
    config: { ...source.config, playlistIds: source.playlistIds },
    runId: `local-${new Date().toISOString().replace(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`,
    input: { snapshotDate, ...(options.playlistIds ? { playlists: options.playlistIds } : {}) },
    now: () => new Date(),
    random: Math.random,
    sleep: (ms) => sleep(ms),
    newId: randomUUID,
    onEvent: (event) => progress.onEvent(event),
    onLog: (message, { why }) => progress.say(why === undefined ? message : `${message}: ${withoutTags(String(why))}`),
  });
  try {
    await progress.end(result.outcome);
    if (result.outcome.status !== 'SUCCEEDED') {
      output.error(failureReport(result.outcome, result.alerts.at(-1)));
      return 1;
    }
    output.log(await report(result, options, snapshotDate, source.demo !== undefined));
    const { authorizedAt = null, command = AUTH } = source.consent ?? {};
    const notice = consentNotice(tokenDaysLeft(authorizedAt, new Date()), command);
    if (notice) output.log(notice);
    return 0;
  } finally {
    await result.athena.close();
  }
}

async function report(
  { athena, outcome }: LocalResult,
  { lakeDir }: StartArguments,
  snapshotDate: string,
  isDemo: boolean,
) {
  const answers = await snapshotAnswers(athena, snapshotDate);
  const { validate } = (outcome as { output: { validate: { queryExecutionId: string } } }).output;
  const { ResultSet } = await athena.getQueryResults({ QueryExecutionId: validate.queryExecutionId });
  // The header and the row of all checks together are no checks.
  return successReport({ ...answers, snapshotDate, lakeDir, isDemo, checks: ResultSet.Rows.length - 2 });
}

/** A gateway's page, in its words. */
const withoutTags = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

if (import.meta.main) {
  // A reader such as head that has seen enough closes the pipe; the snapshot is taken all the same.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.exitCode = await start(process.argv.slice(2), process.env, console);
}
