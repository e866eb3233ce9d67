import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NoPythonError, pythonTool } from '../../support/python-tool.ts';
import { block, synthesise, type Template } from '../../support/stack-template.ts';

/**
 * `npm run test:cfn-lint`: AWS's own linter has nothing to say of the template, in each of its forms, with what it calls
 * informational. Needs Python 3.10 and, the first time, the Python package index; about half a minute then.
 */

/** Where the alarms' window, the runtime and the rest have to be known. */
const REGIONS = ['eu-west-1', 'eu-central-1', 'us-east-1', 'ap-southeast-2'];

/** What is not asked, and why. */
const IGNORED = {
  W3005: 'the CDK writes DependsOn beside the reference to a role; it is superfluous and does no harm',
  I1022: 'the CDK writes Fn::Join where a person would write Fn::Sub',
};

const FORMS = {
  usual: { block: block() },
  trial: { block: block({ stage: 'dev', dashboard: false, schedule: { day: 'SAT', time: '23:05' } }) },
  'with what exists': {
    block: block({
      secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:spotify-AbCdEf',
      bucketName: 'my-old-lake',
    }),
  },
  'with every option': { block: block({ customerKey: true, lakeFormation: true }) },
};

const folder = mkdtempSync(join(tmpdir(), 'cfn-lint-'));

/** What it finds in these templates; each is named by its file. */
function lint(bin: string, templates: Readonly<Record<string, Template>>): string {
  const files = Object.entries(templates).map(([name, template]) => {
    const file = join(folder, `${name.replaceAll(' ', '-')}.json`);
    writeFileSync(file, JSON.stringify(template, null, 1));
    return file;
  });
  const asked = ['--regions', ...REGIONS, '--include-checks', 'I', '--ignore-checks', ...Object.keys(IGNORED)];
  const { status, stdout, stderr, error } = spawnSync(join(bin, 'cfn-lint'), [...asked, '--', ...files], {
    encoding: 'utf8',
  });
  if (error) throw error;
  return status === 0 ? '' : `${stdout}${stderr}` || `ended with code ${status}`;
}

/** With a property misspelt, so that a linter which looks at nothing is noticed. */
function spoilt(template: Template): Template {
  const text = JSON.stringify(template);
  return JSON.parse(text.replace('"BytesScannedCutoffPerQuery"', '"BytesScannedCutOffPerQuery"')) as Template;
}

function main(): void {
  const requirements = readFileSync(new URL('requirements.txt', import.meta.url), 'utf8');
  const bin = pythonTool('cfn-lint', requirements);
  const made = Object.entries(synthesise(FORMS)).map(([name, { template }]): [string, Template] => [name, template]);
  const [, usual] = made[0] ?? [];
  if (!usual || !lint(bin, { spoilt: spoilt(usual) }).includes('BytesScannedCutOffPerQuery')) {
    throw new Error('cfn-lint overlooks a property that is misspelt');
  }
  const found = lint(bin, Object.fromEntries(made));
  if (found) throw new Error(`cfn-lint:\n${found}`);
  for (const [name] of made) console.log(`ok: cfn-lint has nothing to say of the stack ${name}`);
  console.log(`for ${REGIONS.join(', ')}`);
  for (const [rule, why] of Object.entries(IGNORED)) console.log(`not asked: ${rule}, ${why}`);
}

try {
  main();
} catch (error) {
  console.error(error instanceof NoPythonError ? error.message : error);
  process.exitCode = 1;
}
