import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { METRICS } from '../../functions/domain/metrics.ts';
import { PARTITION_COLUMNS, TABLE_NAMES, TABLES } from '../../functions/domain/tables.ts';
import { DERIVED_VIEWS } from '../../infra/derived-views.ts';
import { headingAnchor } from '../../infra/heading-anchor.ts';
import { readerViewSql } from '../../infra/reader-views.ts';
import {
  allStates,
  type Definition,
  readDefinition,
  readRebuildDefinition,
  readStateMachineFile,
} from '../../statemachine/definition.ts';
import { featureFlags } from '../support/feature-flags.ts';
import { block, flat, type Resource, resourcesOf, synthesise, type Template } from '../support/stack-template.ts';

const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:spotify-AbCdEf';
const made = synthesise({
  usual: { block: block(), validate: true, nag: true },
  dev: {
    block: block({
      stage: 'dev',
      dashboard: false,
      retentionDays: 7,
      validation: { maxShrunkPercent: 30 },
      schedule: { day: 'SAT', time: '23:05' },
      alertEmails: ['a@example.org', 'b@example.org'],
    }),
  },
  existing: { block: block({ secretArn: SECRET_ARN, bucketName: 'my-old-lake' }), nag: true },
  everything: { block: block({ customerKey: true, lakeFormation: true }), nag: true },
});
const { template } = made.usual;

const only = (type: string, of: Template = template): Resource => {
  const [[, resource] = [], ...more] = resourcesOf(of, type);
  if (!resource || more.length > 0) throw new Error(`${more.length + (resource ? 1 : 0)} of ${type}`);
  return resource;
};

/** Without what changes for other reasons than the stack: hashes of code, and the definition, which has its own tests. */
function masked(value: unknown, key = ''): unknown {
  if (key === 'DefinitionString' || key === 'ViewOriginalText') return '(its own test)';
  if (typeof value === 'string') return value.replace(/\b[0-9a-f]{64}\b/g, '(hash)');
  if (Array.isArray(value)) return value.map((element) => masked(element));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, masked(child, name)]));
}

test('the template is as it was looked at last (jest -u writes it anew)', () => {
  expect(masked(template)).toMatchSnapshot();
});

const definitionOf = (start: string): string => {
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine').filter(([id]) => id.startsWith(start));
  return flat(machines[0]?.[1].Properties.DefinitionString);
};

/** The types of what a text of the template refers to. */
function typesNamed(text: string): (string | undefined)[] {
  const named = [...new Set([...text.matchAll(/\$\{([^}]+)\}/g)].map(([, name = '']) => name.split('.')[0] ?? ''))];
  return named.map((name) => (name.startsWith('AWS::') ? name : template.Resources[name]?.Type)).sort();
}

describe('the rebuild machine', () => {
  const text = definitionOf('Rebuild');

  test('has the definition in the template, every state of the file, and names only what the template makes', () => {
    const definition = JSON.parse(text) as Definition;
    expect(Object.keys(allStates(definition))).toEqual(Object.keys(allStates(readRebuildDefinition())));
    expect(allStates(definition).Validate?.Parameters?.QueryString).toBe(readStateMachineFile('validation.sql'));
    expect(typesNamed(text)).toEqual([
      'AWS::Athena::WorkGroup',
      'AWS::Glue::Crawler',
      ...Array(4).fill('AWS::Lambda::Function'),
      'AWS::Region',
      'AWS::S3::Bucket',
      'AWS::SNS::Topic',
    ]);
  });

  test('cannot call Spotify: neither Extract nor the secret is named in it', () => {
    expect(text).not.toMatch(/Extract|SpotifyCredentials/);
  });

  test('gives its function less time than its states have', () => {
    const [[, lists] = []] = resourcesOf(template, 'AWS::Lambda::Function').filter(([id]) => id.startsWith('Rebuild'));
    const { States } = JSON.parse(text) as { States: Record<string, { TimeoutSeconds?: number }> };
    for (const name of ['Plan', 'Review', 'Conclude']) {
      expect(lists?.Properties.Timeout).toBeLessThan(States[name]?.TimeoutSeconds ?? 0);
    }
  });
});

describe('the state machine', () => {
  const text = definitionOf('Pipeline');
  const definition = JSON.parse(text);

  test('has the definition in the template, every state of the file', () => {
    expect(Object.keys(definition.States)).toEqual(Object.keys(readDefinition().States));
    expect(definition.States.Validate.Parameters.QueryString).toBe(readStateMachineFile('validation.sql'));
  });

  test('names only what the template makes', () => {
    expect(typesNamed(text)).toEqual([
      'AWS::Athena::WorkGroup',
      'AWS::Glue::Crawler',
      ...Array(4).fill('AWS::Lambda::Function'),
      'AWS::Region',
      'AWS::SNS::Topic',
    ]);
  });

  test('calls each function in the state of its name', () => {
    for (const stage of ['Prepare', 'Extract', 'Transform', 'Publish']) {
      expect(definition.States[stage].Parameters.FunctionName).toMatch(new RegExp(`^\\$\\{Pipeline${stage}Function`));
    }
  });

  test('gives each function less time than its state has', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::Lambda::Function')) {
      const [, stage] = /^Pipeline(\w+)Function/.exec(id) ?? [];
      if (!stage) continue;
      expect(Properties.Timeout).toBeLessThan(definition.States[stage].TimeoutSeconds);
    }
  });
});

describe('promises', () => {
  test('what holds data outlives the stack, and a deletion asks twice; a trial goes without a trace', () => {
    const kept = (of: Template) =>
      [...resourcesOf(of, 'AWS::S3::Bucket'), ...resourcesOf(of, 'AWS::SecretsManager::Secret')].map(
        ([, { DeletionPolicy }]) => DeletionPolicy,
      );
    expect(kept(template)).toEqual(['Retain', 'Retain', 'Retain']);
    expect(kept(made.dev.template)).toEqual(['Delete', 'Delete', 'Delete']);
    expect([made.usual.terminationProtection, made.dev.terminationProtection]).toEqual([true, false]);
  });

  test('two stages share an account: no name is in both', () => {
    const names = (of: Template) =>
      Object.values(of.Resources).flatMap(({ Properties = {} }) => {
        const { Name, LogGroupName, AlarmName, DashboardName, DatabaseInput } = Properties as Record<string, unknown>;
        return [
          Name,
          LogGroupName,
          AlarmName,
          DashboardName,
          (DatabaseInput as { Name: string } | undefined)?.Name,
        ].filter((name) => typeof name === 'string' && !name.startsWith('Playlist Lake: '));
      });
    const dev = names(made.dev.template);
    expect(names(template).length).toBeGreaterThan(10);
    expect(names(template).filter((name) => dev.includes(name))).toEqual([]);
  });

  test('logical IDs of what holds data never change: another ID would make an empty one beside it', () => {
    const types = ['AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::SNS::Topic', 'AWS::Glue::Database'];
    expect(types.flatMap((type) => resourcesOf(template, type).map(([id]) => id)).sort()).toEqual([
      'Alerts91F83244',
      'CatalogueReaders877CF468',
      'CatalogueStagingB97BC60D',
      'DataLakeAccessLogs1DA51325',
      'DataLakeBucketEF1CCA5A',
      'DataLakeSpotifyCredentials9FBD6BC1',
    ]);
  });

  test('everything expires after the configured days, the pointers before their tables', () => {
    const days = (of: Template) => {
      const [, bucket] = resourcesOf(of, 'AWS::S3::Bucket').find(([id]) => id.startsWith('DataLakeBucket')) ?? [];
      const { Rules } = (bucket as Resource).Properties.LifecycleConfiguration as { Rules: Record<string, unknown>[] };
      const old = Rules.find(({ Id }) => Id === 'old-versions')?.NoncurrentVersionExpiration;
      return {
        old,
        ...Object.fromEntries(
          Rules.flatMap(({ Prefix, ExpirationInDays, Status }) =>
            Prefix && Status === 'Enabled' ? [[Prefix, ExpirationInDays]] : [],
          ),
        ),
      };
    };
    expect(days(template)).toEqual({
      'raw/': 90,
      'rebuild/': 90,
      'published/': 730,
      'transformed/': 737,
      'athena-results/': 14,
      old: { NoncurrentDays: 30 },
    });
    expect(days(made.dev.template)).toMatchObject({ 'raw/': 7, 'published/': 730, old: { NoncurrentDays: 7 } });
  });

  test('the rule fires at the configured time and gives the time of the schedule', () => {
    const rule = only('AWS::Events::Rule', made.dev.template).Properties;
    expect(rule.ScheduleExpression).toBe('cron(5 23 ? * SAT *)');
    const [target] = rule.Targets as { DeadLetterConfig: unknown; RetryPolicy: unknown; InputTransformer: object }[];
    expect(target).toMatchObject({
      DeadLetterConfig: { Arn: expect.anything() },
      RetryPolicy: { MaximumEventAgeInSeconds: 7200, MaximumRetryAttempts: 3 },
      InputTransformer: { InputPathsMap: { time: '$.time' }, InputTemplate: '{"scheduledAt":<time>}' },
    });
  });

  test('alarms may publish to the topic, of this account only', () => {
    const { Statement } = only('AWS::SNS::TopicPolicy').Properties.PolicyDocument as { Statement: { Sid?: string }[] };
    expect(Statement.find(({ Sid }) => Sid === 'AllowAlarms')).toMatchObject({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
  });

  test('every address gets alerts', () => {
    const subscriptions = resourcesOf(made.dev.template, 'AWS::SNS::Subscription');
    expect(subscriptions.map(([, { Properties }]) => Properties.Endpoint)).toEqual(['a@example.org', 'b@example.org']);
  });

  test('the secret is a placeholder, and no function has it in its environment', () => {
    expect(only('AWS::SecretsManager::Secret').Properties.GenerateSecretString).toMatchObject({
      SecretStringTemplate: '{}',
      GenerateStringKey: 'placeholder',
    });
    const environments = resourcesOf(template, 'AWS::Lambda::Function').map(
      ([, { Properties }]) => Properties.Environment,
    );
    expect(JSON.stringify(environments)).not.toMatch(/resolve:|REFRESH_TOKEN|CLIENT/);
  });

  test('what exists is taken instead of made', () => {
    const of = made.existing.template;
    expect(resourcesOf(of, 'AWS::S3::Bucket')).toEqual([]);
    expect(resourcesOf(of, 'AWS::SecretsManager::Secret')).toEqual([]);
    expect(of.Outputs.LakeBucketName?.Value).toBe('my-old-lake');
    expect(of.Outputs.SecretArn?.Value).toBe(SECRET_ARN);
  });

  test('a key of your own encrypts bucket, secret, topic and queue', () => {
    const of = made.everything.template;
    const [[key = ''] = []] = resourcesOf(of, 'AWS::KMS::Key');
    for (const type of ['AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::SNS::Topic', 'AWS::SQS::Queue']) {
      expect(JSON.stringify(resourcesOf(of, type))).toContain(key);
    }
  });

  test('what is logged goes after three months, of every function and of each machine, which logs no data', () => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup').map(([id, { Properties }]) => ({ id, ...Properties }));
    expect(groups.map((group) => Reflect.get(group, 'RetentionInDays'))).toEqual(groups.map(() => 90));
    const logging = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) =>
      flat((Properties.LoggingConfig as { LogGroup: unknown }).LogGroup),
    );
    const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
    for (const [, { Properties }] of machines) {
      expect(Properties.LoggingConfiguration).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
    }
    // Each has one of its own, and the machines those that are left.
    expect(new Set(logging).size).toBe(groups.length - machines.length);
  });

  test('every function and each machine are traced', () => {
    const modes = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.TracingConfig);
    expect(modes).toEqual(modes.map(() => ({ Mode: 'Active' })));
    const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
    expect(machines.map(([, { Properties }]) => Properties.TracingConfiguration)).toEqual(
      machines.map(() => ({ Enabled: true })),
    );
  });

  test('a query that would read more than the cutoff is stopped, and nobody can choose otherwise', () => {
    const { WorkGroupConfiguration } = only('AWS::Athena::WorkGroup').Properties;
    expect(WorkGroupConfiguration).toMatchObject({ EnforceWorkGroupConfiguration: true });
    const { BytesScannedCutoffPerQuery: bytes } = WorkGroupConfiguration as Record<string, unknown>;
    expect(bytes).toBeGreaterThanOrEqual(10_000_000);
    expect(bytes).toBeLessThanOrEqual(20 * 1024 ** 3);
  });

  test('the dashboard shows runs, durations, entries, rejected, calls and token days, and stays in the free size', () => {
    const body = flat(only('AWS::CloudWatch::Dashboard').Properties.DashboardBody);
    const { widgets } = JSON.parse(body) as { widgets: { properties: { metrics?: unknown[][] } }[] };
    const shown = widgets.flatMap(({ properties: { metrics = [] } }) => metrics.map(([, name]) => name));
    const asked = ['ExecutionsSucceeded', 'ExecutionsFailed', 'ExecutionTime', 'EntriesRead', 'RejectedEntries'];
    expect(shown).toEqual(expect.arrayContaining([...asked, 'SpotifyCalls', 'TokenDaysLeft', 'SnapshotsPublished']));
    // One of more metrics is none of the three that are free.
    expect(shown.length).toBeLessThanOrEqual(50);
  });

  test('the dashboard can be left out', () => {
    expect(resourcesOf(made.dev.template, 'AWS::CloudWatch::Dashboard')).toEqual([]);
  });

  test('the outputs are those that the commands ask for', () => {
    expect(Object.keys(template.Outputs).sort()).toEqual([
      'AlertTopicArn',
      'CrawlerName',
      'DashboardName',
      'LakeBucketName',
      'ReadersDatabaseName',
      'RebuildMachineArn',
      'SecretArn',
      'StagingDatabaseName',
      'StateMachineArn',
      'WorkGroupName',
    ]);
  });
});

describe('the catalogue', () => {
  interface TableInput {
    readonly Name: string;
    readonly TableType: string;
    readonly PartitionKeys: readonly { Name: string; Type: string }[];
    readonly StorageDescriptor: { Location: unknown; Columns: readonly { Name: string; Type: string }[] };
    readonly ViewOriginalText: string;
  }
  const tables = resourcesOf(template, 'AWS::Glue::Table').map(
    ([, { Properties }]) => Properties.TableInput as TableInput,
  );
  const named = (name: string, type: string) =>
    tables.find(({ Name, TableType }) => Name === name && TableType === type) as TableInput;

  test.each(TABLE_NAMES)('%s has the columns of the data contract, below its own folder', (name) => {
    const { StorageDescriptor, PartitionKeys } = named(name, 'EXTERNAL_TABLE');
    const types = (columns: TableInput['PartitionKeys']) => columns.map(({ Name, Type }) => [Name, Type]);
    expect(types(StorageDescriptor.Columns)).toEqual(
      TABLES[name].columns.map(({ name, type }) => [name, type === 'strings' ? 'array<string>' : type]),
    );
    expect(types(PartitionKeys)).toEqual(PARTITION_COLUMNS.map((column) => [column.name, column.type]));
    expect(flat(StorageDescriptor.Location)).toBe(`s3://\${DataLakeBucketEF1CCA5A}/transformed/${name}/`);
  });

  /** What Athena would read of a view, and whether the catalogue says the same of its columns. */
  function storedView(of: Template, name: string) {
    const inputs = resourcesOf(of, 'AWS::Glue::Table').map(([, { Properties }]) => Properties.TableInput as TableInput);
    const found = inputs.find(({ Name, TableType }) => Name === name && TableType === 'VIRTUAL_VIEW') as TableInput;
    const [, base64 = ''] = /^\/\* Presto View: (\S+) \*\/$/.exec(found.ViewOriginalText) ?? [];
    const view = JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as {
      originalSql: string;
      catalog: string;
      schema: string;
      columns: { name: string; type: string }[];
    };
    expect(view.catalog).toBe('awsdatacatalog');
    expect(view.columns.map((column) => column.name)).toEqual(found.StorageDescriptor.Columns.map(({ Name }) => Name));
    return { ...view, glueTypes: found.StorageDescriptor.Columns.map(({ Type }) => Type) };
  }

  test.each(TABLE_NAMES)("the view %s is the readers' one, in the form that Athena writes", (name) => {
    const { originalSql, schema, columns } = storedView(template, name);
    expect([originalSql, schema]).toEqual([readerViewSql(name), 'playlist_lake']);
    for (const { type } of columns)
      expect(type).toMatch(/^(varchar|integer|boolean|date|timestamp\(3\)|array\(varchar\))$/);
  });

  test.each(DERIVED_VIEWS)('the view $name is its file, with the types that DuckDB answers', ({ name, columns }) => {
    const view = storedView(template, name);
    const file = readFileSync(new URL(`../../infra/views/${name}.sql`, import.meta.url), 'utf8');
    expect(file.trimEnd().endsWith(view.originalSql)).toBe(true);
    expect(file.slice(0, file.indexOf(view.originalSql))).toMatch(/^(--[^\n]*\n)+$/);
    // The same list is held against DuckDB's answer in derived-views.test.ts.
    expect(view.glueTypes).toEqual(columns.map(([, type]) => type));
    const trino: Record<string, string> = { string: 'varchar', int: 'integer', timestamp: 'timestamp(3)' };
    expect(view.columns.map(({ type }) => type)).toEqual(columns.map(([, type]) => trino[type] ?? type));
  });

  test('in another stage the views read the views of that stage', () => {
    for (const name of [...TABLE_NAMES, ...DERIVED_VIEWS.map((view) => view.name)]) {
      const { originalSql, schema } = storedView(made.dev.template, name);
      expect(schema).toBe('playlist_lake_dev');
      expect(originalSql).not.toMatch(/playlist_lake(_staging)?\./);
    }
  });

  test('each view of the readers is there, once', () => {
    const views = tables.filter(({ TableType }) => TableType === 'VIRTUAL_VIEW').map(({ Name }) => Name);
    expect(views.sort()).toEqual([...TABLE_NAMES, ...DERIVED_VIEWS.map(({ name }) => name)].sort());
  });

  test('the crawler takes every staging table, and changes none', () => {
    const { Targets, SchemaChangePolicy } = only('AWS::Glue::Crawler').Properties;
    expect(Targets).toEqual({ CatalogTargets: [{ DatabaseName: 'playlist_lake_staging', Tables: TABLE_NAMES }] });
    expect(SchemaChangePolicy).toEqual({ UpdateBehavior: 'LOG', DeleteBehavior: 'LOG' });
  });
});

describe('alarms', () => {
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const [, ofAlarms = ''] = /^## Alarms$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(runbook) ?? [];
  const sections = [...ofAlarms.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading);
  const nameOf = ({ AlarmName }: Resource['Properties']) => String(AlarmName).replace('PlaylistLake: ', '');

  test('each has its section in the runbook, and each section its alarm', () => {
    expect(sections.length).toBeGreaterThan(8);
    expect(sections).toEqual(alarms.map(nameOf));
  });

  test.each(alarms.map((alarm) => ({ name: nameOf(alarm), alarm })))(
    '$name links to its own section and tells the topic',
    ({ name, alarm }) => {
      expect(alarm.AlarmDescription).toMatch(new RegExp(`docs/runbook\\.md#${headingAnchor(name)}$`));
      expect(alarm.AlarmActions).toEqual([{ Ref: 'Alerts91F83244' }]);
    },
  );

  test('what is not there is no alarm, but for the run that was missed and what is told once a week', () => {
    const others = alarms.filter(({ TreatMissingData }) => TreatMissingData !== 'notBreaching').map(nameOf);
    expect(others).toEqual([
      'Run missed',
      'Consent ends within 30 days',
      'Consent ends within 14 days',
      'Consent ends within 3 days',
    ]);
  });

  test('docs/cost.md counts the metrics that they watch', () => {
    const watched = alarms.map(({ Metrics = [{ MetricStat: {} }] }) =>
      (Metrics as object[]).filter((metric) => 'MetricStat' in metric),
    );
    const cost = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');
    expect(cost).toContain(`| alarms | (${watched.flat().length} metrics − 10 free) × 0.10 |`);
  });

  test('a playlist has shrunk by the share that the configuration names', () => {
    const threshold = (of: Template) =>
      resourcesOf(of, 'AWS::CloudWatch::Alarm').find(([id]) => id.startsWith('MonitoringPlaylistshrunk'))?.[1]
        .Properties.Threshold;
    expect([threshold(template), threshold(made.dev.template)]).toEqual([50, 30]);
  });

  test('the run that was missed is looked for on its own day, from midnight to midnight', () => {
    const missed = (of: Template) =>
      resourcesOf(of, 'AWS::CloudWatch::Alarm').find(([id]) => id.startsWith('MonitoringRunmissed'))?.[1].Properties;
    expect(missed(template)).toMatchObject({
      EvaluationWindow: { WallClockWindow: { Timezone: 'UTC' } },
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
    });
    expect(JSON.stringify(missed(template))).toContain('IF(DAY(published) == 1, FILL(published, 0), 1)');
    expect(JSON.stringify(missed(made.dev.template))).toContain('DAY(published) == 6');
  });

  test('alarms and dashboard show no metric of our own that no function emits', () => {
    const text = JSON.stringify([alarms, resourcesOf(template, 'AWS::CloudWatch::Dashboard')]);
    const own = [...text.matchAll(/(?:PlaylistLake\\+",\\+"|"MetricName":")(\w+)[^}]*?/g)].map(([, name = '']) => name);
    const shown = own.filter((name) => name in METRICS);
    expect(new Set(shown)).toEqual(new Set(Object.keys(METRICS)));
  });
});

describe('checks by others', () => {
  test("the CDK's own validation, and cdk-nag's packs AwsSolutions and Serverless, have nothing to say", () => {
    expect(made.usual.problems).toBe('');
    expect(made.everything.problems).toBe('');
    expect(made.existing.problems).toBe('');
  });
});

/** Runs the CDK's app as `cdk` does, and gives what it leaves for it. */
function synthApp(playlistLake: object) {
  const out = mkdtempSync(join(tmpdir(), 'app-'));
  const env = {
    ...process.env,
    CDK_OUTDIR: out,
    CDK_CONTEXT_JSON: JSON.stringify({ ...featureFlags(), playlistLake }),
  };
  const app = new URL('../../infra/app.ts', import.meta.url).pathname;
  return { ...spawnSync(process.execPath, [app], { env, encoding: 'utf8' }), out };
}

test('a configuration that is not enough is refused at synth in one line', () => {
  const { status, stderr } = synthApp({ playlists: [] });
  expect({ status, lines: stderr.trim().split('\n').length }).toEqual({ status: 1, lines: 1 });
  expect(stderr).toContain('context.playlistLake.playlists');
});

test('a configuration that nobody would hear of is warned of at synth, another is not', () => {
  const warnings = (alertEmails: readonly string[]) => {
    const { status, out } = synthApp(block({ alertEmails }));
    const metadata = ['manifest.json', 'PlaylistLake.metadata.json'].flatMap((name) =>
      existsSync(join(out, name)) ? [readFileSync(join(out, name), 'utf8')] : [],
    );
    return { status, isWarned: metadata.join().includes('Nobody will hear of failures') };
  };
  expect(warnings([])).toEqual({ status: 0, isWarned: true });
  expect(warnings(['you@example.org'])).toEqual({ status: 0, isWarned: false });
});
