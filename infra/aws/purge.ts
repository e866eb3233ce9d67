import { S3Client } from '@aws-sdk/client-s3';
import { createLake, type Lake, writeJson } from '../../functions/adapters/lake.ts';
import {
  manifestKey,
  PUBLISHED_PREFIX,
  parseManifestKey,
  parseSnapshotDate,
  RAW_PREFIX,
  TABLES_PREFIX,
} from '../../functions/domain/lake-paths.ts';
import { type PurgePlan, type PurgeTarget, planPurge } from '../../functions/purge-plan.ts';
import { createFindInTables } from '../find-in-tables.ts';
import { readableCause } from '../local/report.ts';
import { describePlan, isNothing, TARGET_OPTIONS, TARGET_USAGE, targetOf } from '../purge-target.ts';
import { type Context, defineCommand, say, warn } from './command.ts';
import { UsageError } from './command-error.ts';
import { listVersions, type ObjectVersion, removeVersions } from './lake-versions.ts';
import { confirm } from './questions.ts';
import { REBUILD_CALLS, startRebuild } from './rebuild-execution.ts';
import { requireStack, STACK_CALLS } from './stack.ts';

/** `npm run purge -- --aws`: what is named goes from the bucket for good, old versions included. */
export const purgeOnAws = defineCommand({
  name: 'npm run purge -- --aws',
  summary: 'Removes a playlist, or old snapshots, from the lake on AWS for good, old versions of objects included.',
  usage: `--playlist REF | --before DATE [--yes]

${TARGET_USAGE}

Snapshots that hold the playlist are made again without it by the rebuild machine (a crawl: about 0.15 USD), and until
then readers see the former ones. Where raw no longer has what a snapshot was made of, it goes whole. Answers of
queries, in athena-results/, go by themselves after 14 days.
`,
  options: { aws: { type: 'boolean' }, ...TARGET_OPTIONS },
  endsAtInterrupt: true,
  permissions: {
    calls: [
      ...STACK_CALLS,
      ...REBUILD_CALLS,
      's3:ListBucket',
      's3:ListBucketVersions',
      's3:GetObject',
      's3:PutObject',
      's3:DeleteObject',
      's3:DeleteObjectVersion',
    ],
    also: ['With customerKey also kms:Decrypt and kms:GenerateDataKey on that key.'],
  },
  async run(values, context) {
    const target = targetOf(values);
    if (!target)
      throw new UsageError('Say what is to go: --playlist REF or --before DATE. See npm run purge -- --aws --help');
    const { outputs } = await requireStack(context, 'LakeBucketName', 'RebuildMachineArn');
    const bucket = await openBucket(outputs.LakeBucketName, context);
    const plan = await planPurge(bucket.lake, target, createFindInTables(bucket.lake));
    const old = await bucket.versions((one) => !one.isShown && (isMeant(one, target) || mayHold(one, target)));
    if (isNothing(plan) && old.length === 0) {
      say(context, `There is nothing of that in ${outputs.LakeBucketName}.`);
      return 0;
    }
    say(context, describePlan(plan));
    if (old.length > 0) say(context, `former versions that hold it or may hold it: ${old.length}`);
    if (!values.yes && !(await confirm('Remove all this? It cannot be undone.', context, '--yes'))) {
      say(context, 'Nothing was removed.');
      return 1;
    }
    const removed = await removeObjects(plan, target, bucket);
    say(context, `Removed ${removed} versions of objects, changed ${plan.manifests.length} manifests.`);
    const code = plan.rebuild.length > 0 ? await rebuildDates(plan.rebuild, outputs.RebuildMachineArn, context) : 0;
    if (code === 0 && 'playlistId' in target) {
      const former = await bucket.versions((one) => !one.isShown && mayHold(one, target));
      say(context, `Removed ${await bucket.remove(former)} former versions of tables and manifests.`);
    }
    return code;
  },
});

interface Bucket {
  readonly lake: Lake;
  versions(which: (version: ObjectVersion) => boolean): Promise<ObjectVersion[]>;
  remove(versions: readonly ObjectVersion[]): Promise<number>;
}

async function openBucket(bucket: string, { settings }: Context): Promise<Bucket> {
  // A bucket's name in the path: whatever stands for S3 at another address needs no name server.
  const client = new S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined });
  return {
    lake: createLake({ client, bucket }),
    async versions(which) {
      const all: ObjectVersion[] = [];
      for (const prefix of [PUBLISHED_PREFIX, RAW_PREFIX, TABLES_PREFIX]) {
        all.push(...(await listVersions(client, bucket, prefix)).filter(which));
      }
      return all;
    },
    async remove(versions) {
      await removeVersions(client, bucket, versions);
      return versions.length;
    },
  };
}

/** Whether the key alone says that it is meant, be it there or deleted before. */
function isMeant({ key }: ObjectVersion, target: PurgeTarget): boolean {
  if ('before' in target) return (parseSnapshotDate(key) ?? target.before) < target.before;
  return key.includes(`/playlist_id=${target.playlistId}/`);
}

/** Pointers first, manifests last: whatever moment it stops at, running it again removes the rest. */
async function removeObjects(plan: PurgePlan, target: PurgeTarget, bucket: Bucket): Promise<number> {
  await bucket.lake.remove(plan.pointers);
  const keys = new Set([...plan.pointers, ...plan.keys]);
  const removed = await bucket.remove(await bucket.versions((one) => keys.has(one.key) || isMeant(one, target)));
  for (const { place, manifest } of plan.manifests) {
    if (manifest) await writeJson(bucket.lake, manifestKey(place), manifest);
    else await bucket.lake.remove([manifestKey(place)]);
  }
  return removed;
}

async function rebuildDates(dates: readonly string[], machineArn: string, context: Context): Promise<number> {
  say(context, `Making ${dates.length} snapshots again without it.`);
  const follow = await startRebuild(machineArn, { dates }, context);
  const outcome = await follow();
  if (outcome?.status === 'SUCCEEDED') return 0;
  if (outcome) warn(context, `${outcome.error}: ${readableCause(outcome.cause).replace(/\s+/g, ' ')}`);
  warn(
    context,
    'Snapshots that were not made again still hold it: give the same command once more when that has ended.',
  );
  return 1;
}

/**
 * Former tables of any date may hold the playlist, and so may former manifests and lists of the user's playlists. They
 * serve to take back a mistake only, so all of them go.
 */
const mayHold = ({ key }: ObjectVersion, target: PurgeTarget): boolean =>
  'playlistId' in target &&
  (key.startsWith(TABLES_PREFIX) || parseManifestKey(key) !== undefined || key.endsWith('/my-playlists.json'));
