import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, SFNClient, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { createLake, readJson } from '../../../functions/adapters/lake.ts';
import { publicationKey, TABLES_PREFIX } from '../../../functions/domain/lake-paths.ts';
import { PublicationSchema } from '../../../functions/domain/manifest.ts';
import { TABLE_NAMES } from '../../../functions/domain/tables.ts';
import { listVersions } from '../../../infra/aws/lake-versions.ts';
import { createFindInTables } from '../../../infra/find-in-tables.ts';
import { ACCOUNT, REGION } from './emulator.ts';
import { fitDefinition } from './fit.ts';

/**
 * The rebuild machine and the purge on the emulator, by the commands that a person types. What its Distributed Map lacks:
 *
 * - `ItemBatcher`: each item becomes a batch of one, by the selector.
 * - `ResultWriter`: a small function writes what AWS would, in the form of the developer guide.
 */
const WRITER = 'result-writer';

/** An unsigned PUT: the emulator checks no signature. */
const WRITER_CODE = `exports.handler = async ({ bucket, key, outputs }) => {
  const body = JSON.stringify(outputs.map((output) => ({ Output: JSON.stringify(output), Status: 'SUCCEEDED' })));
  const answer = await fetch(process.env.AWS_ENDPOINT_URL + '/' + bucket + '/' + key, { method: 'PUT', body });
  if (!answer.ok) throw new Error(await answer.text());
  return {};
};`;

export function addResultWriter(templateFile: string): void {
  const template = JSON.parse(readFileSync(templateFile, 'utf8'));
  const role = Object.keys(template.Resources).find((id) => id.startsWith('RebuildListsRole'));
  template.Resources.ResultWriter = {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: WRITER,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: WRITER_CODE },
      Role: { 'Fn::GetAtt': [role, 'Arn'] },
    },
  };
  writeFileSync(templateFile, JSON.stringify(template));
}

interface Map {
  Type: string;
  Seconds?: number;
  ItemBatcher?: object;
  ItemSelector?: object;
  ResultWriter?: { Parameters: { Bucket: string; 'Prefix.$': string } };
  Next?: string;
}

/** The definition with batches of one, and a Task after each map that writes its results. */
function fitRebuild(text: string): string {
  const machine = JSON.parse(fitDefinition(text)) as { States: Record<string, Map | object> };
  for (const [name, state] of Object.entries(machine.States)) {
    const map = state as Map;
    if (map.Seconds) map.Seconds = 1;
    const { ItemBatcher, ItemSelector, ResultWriter, Next } = map;
    if (!ItemBatcher || !ResultWriter) continue;
    const { Bucket: bucket, 'Prefix.$': prefix } = ResultWriter.Parameters;
    delete map.ItemBatcher;
    delete map.ResultWriter;
    Object.assign(map, { ItemSelector: { Items: [ItemSelector] }, ResultPath: '$.outputs', Next: `${name}Written` });
    machine.States[`${name}Written`] = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: {
        FunctionName: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${WRITER}`,
        Payload: { bucket, 'key.$': prefix.replace(/'(.*)'/, "'$1/1/SUCCEEDED_0.json'"), 'outputs.$': '$.outputs' },
      },
      ResultPath: null,
      Next,
    };
  }
  return JSON.stringify(machine);
}

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A command as its npm script runs it, against the emulator. */
function command(program: string, ...args: string[]) {
  const argv = [`infra/local/${program}.ts`, '--aws', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

type Check = (what: string, holds: boolean, seen?: unknown) => void;
interface Deployed {
  readonly outputs: Readonly<Record<string, string>>;
  readonly snapshotDate: string;
  readonly playlistId: string;
}

/** Rebuilds the published date, purges a playlist from it, then everything. */
export async function rebuildAndPurge({ outputs, snapshotDate, playlistId }: Deployed, check: Check): Promise<void> {
  const { RebuildMachineArn: stateMachineArn = '', LakeBucketName: bucket = '' } = outputs;
  const sfn = new SFNClient();
  const { definition = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: fitRebuild(definition) }));
  const client = new S3Client({ forcePathStyle: true });
  const lake = createLake({ client, bucket });
  const shown = async () => (await readJson(lake, publicationKey(snapshotDate), PublicationSchema))?.run_id ?? 'none';

  const rebuilt = command('rebuild', '--from', snapshotDate);
  check(
    'npm run rebuild publishes the date again',
    rebuilt.status === 0 && (await shown()).startsWith('rebuild-'),
    rebuilt,
  );

  const former = await shown();
  const purged = command('purge', '--playlist', playlistId, '--yes');
  check('npm run purge makes it again without the playlist', purged.status === 0 && (await shown()) !== former, purged);
  const tables = (await lake.list(TABLES_PREFIX)).map(({ key }) => key);
  const held = await createFindInTables(lake)(playlistId, tables);
  check('the tables are there and do not hold it', tables.length === TABLE_NAMES.length && held.length === 0, {
    tables,
    held,
  });
  const versions = await listVersions(client, bucket, '');
  const old = versions.filter(({ key, isShown }) => !isShown && key.startsWith(TABLES_PREFIX));
  check('no former version of a table is left', old.length === 0, old);
  const naming: string[] = [];
  for (const { key, versionId } of versions.filter((one) => one.key.startsWith('raw/'))) {
    const object = { Bucket: bucket, Key: key, VersionId: versionId };
    const { Body } = await client.send(new GetObjectCommand(object)).catch(() => ({ Body: undefined }));
    if (key.includes(playlistId) || (await Body?.transformToString())?.includes(playlistId)) naming.push(key);
  }
  check('no version of an object in raw names it', naming.length === 0, naming);
  const again = command('purge', '--playlist', playlistId, '--yes');
  check('a second purge has nothing to do', again.status === 0 && /nothing of that/.test(again.text), again);

  const all = command('purge', '--before', '2100-01-01', '--yes');
  const left = (await listVersions(client, bucket, '')).filter(({ key }) => /^(raw|transformed|published)\//.test(key));
  check('npm run purge --before leaves no version of anything', all.status === 0 && left.length === 0, { all, left });
}
