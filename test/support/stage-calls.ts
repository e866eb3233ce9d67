import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLake } from '../../functions/adapters/lake.ts';
import { STAGES, type Stage } from '../../functions/environment.ts';
import { createFileS3Client } from '../../infra/local/s3/file-s3.ts';
import { fakeSpotify, tracks } from './fake-spotify.ts';
import { extractPayload, NOW, PLACE, stages } from './stages.ts';

/** One call of AWS, in the words of IAM. */
export interface Call {
  readonly action: string;
  readonly resource: string;
}

/**
 * The calls that each stage's real handler makes of S3, recorded by its client: a first run, one that replaces it, one
 * from raw, and the lists of a rebuild. Fails when the lake's adapter has a command that none of them needs.
 */
export async function callsOfStages(bucketArn: string): Promise<Record<Stage, Call[]>> {
  const lakeDir = mkdtempSync(join(tmpdir(), 'stage-calls-'));
  const commands = new Set<string>();
  const calls = Object.fromEntries(STAGES.map((stage): [Stage, Call[]] => [stage, []])) as Record<Stage, Call[]>;
  const spotify = fakeSpotify({ p1: { entries: tracks(2), snapshotId: 's' } });

  const handlerOf = (stage: Stage) => {
    const client = createFileS3Client(lakeDir);
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          commands.add(commandName ?? '');
          calls[stage].push(...callsOf(commandName ?? '', args.input as Input, bucketArn));
          return next(args);
        },
      { step: 'initialize' },
    );
    return stages(createLake({ client, bucket: 'lake' }), spotify, ['p1'])[stage] as (
      payload: unknown,
    ) => Promise<unknown>;
  };

  const { snapshotDate } = PLACE;
  for (const runId of ['run-1', 'run-2', 'run-3']) {
    const place = { runId, snapshotDate };
    const input = { snapshotDate, ...(runId === 'run-3' ? { fromRaw: true } : {}) };
    await handlerOf('prepare')({ runId, startedAt: NOW.toISOString(), input });
    await handlerOf('extract')(extractPayload({}, place));
    await handlerOf('transform')(place);
    await handlerOf('publish')({ ...place, status: 'complete' });
  }
  await handlerOf('rebuild')({ step: 'plan', runId: 'again', input: {} });
  await handlerOf('rebuild')({ step: 'review', runId: 'again' });
  await handlerOf('rebuild')({ step: 'conclude', runId: 'again' });

  const adapter = readFileSync(new URL('../../functions/adapters/lake.ts', import.meta.url), 'utf8');
  for (const [, name] of adapter.matchAll(/new (\w+Command)\(/g)) {
    if (!commands.has(name ?? '')) throw new Error(`no stage was seen to send ${name}`);
  }
  return calls;
}

interface Input {
  readonly Key?: string;
  readonly Delete?: { readonly Objects: readonly { readonly Key: string }[] };
}

function callsOf(command: string, { Key = '', Delete }: Input, bucketArn: string): Call[] {
  const list = { action: 's3:ListBucket', resource: bucketArn };
  const object = (action: string, key: string) => ({ action: `s3:${action}`, resource: `${bucketArn}/${key}` });
  switch (command) {
    case 'GetObjectCommand':
      // Without ListBucket an object that is not there is "access denied", and a stage could not tell.
      return [object('GetObject', Key), list];
    case 'PutObjectCommand':
      return [object('PutObject', Key)];
    case 'ListObjectsV2Command':
      return [list];
    case 'DeleteObjectsCommand':
      return (Delete?.Objects ?? []).map((one) => object('DeleteObject', one.Key));
    default:
      throw new Error(`nobody has said what ${command} calls`);
  }
}
