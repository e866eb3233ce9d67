import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLake } from '../../functions/adapters/lake.ts';
import { createSpotify, type SpotifyCredentials, type SpotifySettings } from '../../functions/adapters/spotify.ts';
import { createExtract } from '../../functions/extract.ts';
import type { Consent } from '../../functions/extract-deps.ts';
import { createPrepare } from '../../functions/prepare.ts';
import { createPublish } from '../../functions/publish.ts';
import { createTransform } from '../../functions/transform.ts';
import { loadDefinition, type Substitutions } from '../../statemachine/definition.ts';
import type { Config } from '../config.ts';
import { STAGING_DATABASE } from '../reader-views.ts';
import { type Alert, createAlerts } from './alerts.ts';
import { type LocalAthena, openAthena } from './athena/athena.ts';
import { createLocalGlue } from './glue/glue.ts';
import { type MachineEvent, type Outcome, runExecution } from './machine.ts';
import { createFileS3Client } from './s3/file-s3.ts';
import { bindTasks } from './tasks.ts';

export interface LocalRun {
  readonly lakeDir: string;
  readonly runId: string;
  /** The execution's input, as a person would give it in the Step Functions console. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly config: Config;
  readonly settings: SpotifySettings;
  readonly credentials: SpotifyCredentials;
  readonly saveRefreshToken: (token: string) => Promise<void>;
  /** Absent: the credentials are the app's own. */
  readonly consent?: Consent | undefined;
  readonly now: () => Date;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly newId: () => string;
  readonly onEvent: (event: MachineEvent) => void;
  readonly onLog: (message: string, fields: Record<string, unknown>) => void;
  readonly longestRetryMs?: number;
  /** For tests: puts something between the machine and its functions. */
  readonly wrapFunctions?: (functions: Functions) => Functions;
}

/** The handlers by stage. */
type Functions = Readonly<
  Record<'prepare' | 'extract' | 'transform' | 'publish', (payload: unknown) => Promise<unknown>>
>;

export interface LocalResult {
  readonly outcome: Outcome;
  readonly alerts: readonly Alert[];
  /** Left open for a look at what the run made; close it. */
  readonly athena: LocalAthena;
}

const functionArn = (name: string) => `arn:aws:lambda:local:000000000000:function:${name}`;

const substitutions = (lakeDir: string): Substitutions => ({
  PrepareFunctionArn: functionArn('prepare'),
  ExtractFunctionArn: functionArn('extract'),
  TransformFunctionArn: functionArn('transform'),
  PublishFunctionArn: functionArn('publish'),
  CrawlerName: 'playlist-lake',
  WorkGroup: 'playlist-lake',
  StagingDatabase: STAGING_DATABASE,
  AlertTopicArn: 'arn:aws:sns:local:000000000000:playlist-lake',
  ExecutionUrlPrefix: `log in ${join(lakeDir, 'logs')} of `,
  RunbookUrl: 'docs/runbook.md',
});

/** Runs the state machine once with the real handlers; only what stands for AWS differs from a deployment. */
export async function runLocally(run: LocalRun): Promise<LocalResult> {
  const { lakeDir, now } = run;
  const lake = createLake({ client: createFileS3Client(lakeDir), bucket: 'playlist-lake' });
  const log = (stage: string) => (message: string, fields: Record<string, unknown>) => {
    const line = { time: now().toISOString(), stage, runId: run.runId, message, ...fields };
    appendFileSync(join(lakeDir, 'logs', `${run.runId}.jsonl`), `${JSON.stringify(line)}\n`);
    run.onLog(message, fields);
  };
  const spotify = createSpotify({ ...run, now: () => now().getTime(), log: log('Extract') });
  const athena = await openAthena({ lakeDir, newId: run.newId });
  const alerts = createAlerts({ lakeDir, now });
  const definition = loadDefinition(substitutions(lakeDir));
  const functions: Functions = {
    prepare: createPrepare({ lake, limits: run.config.validation, log: log('Prepare') }),
    extract: createExtract({
      ...run.config,
      consent: run.consent,
      spotify,
      lake,
      apiUrl: run.settings.apiUrl,
      now,
      remainingMs: () => Number.POSITIVE_INFINITY,
      log: log('Extract'),
    }),
    transform: createTransform({ lake, now, log: log('Transform') }),
    publish: createPublish({ lake, now, log: log('Publish') }),
  };
  const wrapped = run.wrapFunctions?.(functions) ?? functions;
  const tasks = bindTasks(definition, {
    functions: Object.fromEntries(Object.entries(wrapped).map(([name, handler]) => [functionArn(name), handler])),
    glue: createLocalGlue({ lakeDir, now }),
    athena,
    alerts,
  });
  const outcome = await runExecution({ ...run, definition, tasks, name: run.runId });
  return { outcome, alerts: alerts.sent, athena };
}
