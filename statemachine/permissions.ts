import { allStates, type Definition, type State } from './definition.ts';

/**
 * The IAM actions that an execution role needs for the Resources of a definition. A definition from a file grants
 * nothing by itself: every permission of the deployment is written by hand and held against this.
 */
export interface Permission {
  readonly state: string;
  /** As IAM spells it: `glue:StartCrawler`. */
  readonly action: string;
  /** What it is needed on: a value of the state's Parameters, placeholder and all, or words where it has none. */
  readonly on: string;
}

/** Beside the call itself, by Resource. Source: Step Functions developer guide, "Run Athena queries with Step Functions". */
const MORE_ACTIONS: Readonly<Record<string, readonly (readonly [action: string, on: string])[]>> = {
  // .sync looks at the query until it ends, and stops it when the execution is stopped or the state times out. The
  // query itself runs with the rights of who started it: its tables, its files, and where its results go.
  'arn:aws:states:::athena:startQueryExecution.sync': [
    ['athena:GetQueryExecution', 'work group'],
    ['athena:StopQueryExecution', 'work group'],
    ['athena:GetDataCatalog', 'data catalogue'],
    ['glue:GetDatabase', 'tables of the query'],
    ['glue:GetTable', 'tables of the query'],
    ['glue:GetPartition', 'tables of the query'],
    ['glue:GetPartitions', 'tables of the query'],
    ['glue:BatchGetPartition', 'tables of the query'],
    ['s3:GetObject', 'files of the tables'],
    ['s3:ListBucket', 'files of the tables'],
    ['s3:GetBucketLocation', 'query results'],
    ['s3:PutObject', 'query results'],
    ['s3:AbortMultipartUpload', 'query results'],
  ],
  // The results are an object in S3 that Athena reads for the caller.
  'arn:aws:states:::athena:getQueryResults': [['s3:GetObject', 'query results']],
};

/** The parameter that names what is called. */
const TARGETS = ['FunctionName', 'Name', 'TopicArn', 'WorkGroup'];

/**
 * Of a Map whose items are executions of their own, as far as it reads and writes S3 by itself. Source: Step Functions
 * developer guide, "IAM policies for using Distributed Map states".
 */
const MAP_ACTIONS = [
  ['states:StartExecution', 'this machine'],
  ['states:DescribeExecution', 'its executions'],
  ['states:StopExecution', 'its executions'],
  ['states:RedriveExecution', 'executions of the map'],
] as const;
const READER_ACTIONS = ['s3:GetObject'];
const WRITER_ACTIONS = ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'];

function ofMap(state: string, { ItemProcessor, ItemReader, ResultWriter }: State): Permission[] {
  if (ItemProcessor?.ProcessorConfig.Mode !== 'DISTRIBUTED') return [];
  const inBucket = (actions: readonly string[], service: State['ItemReader']) =>
    service ? actions.map((action) => ({ state, action, on: String(service.Parameters.Bucket) })) : [];
  return [
    ...MAP_ACTIONS.map(([action, on]) => ({ state, action, on })),
    ...inBucket(READER_ACTIONS, ItemReader),
    ...inBucket(WRITER_ACTIONS, ResultWriter),
  ];
}

/** In the order of the states, those inside Maps too. Throws for a Resource whose action is not known. */
export function requiredPermissions(definition: Pick<Definition, 'States'>): Permission[] {
  return Object.entries(allStates(definition)).flatMap(([name, state]) => {
    const { Resource, Parameters = {} } = state;
    if (Resource === undefined) return ofMap(name, state);
    const target = TARGETS.map((key) => Parameters[key]).find((value) => typeof value === 'string');
    const own: Permission = { state: name, action: actionOf(name, Resource), on: String(target ?? 'work group') };
    const more = MORE_ACTIONS[Resource] ?? [];
    return [own, ...more.map(([action, on]) => ({ state: name, action, on }))];
  });
}

/** `arn:aws:states:::aws-sdk:glue:startCrawler` needs `glue:StartCrawler`. */
function actionOf(state: string, Resource: NonNullable<State['Resource']>): string {
  if (Resource === 'arn:aws:states:::lambda:invoke') return 'lambda:InvokeFunction';
  const [, service, call = ''] =
    /^arn:aws:states:::(?:aws-sdk:)?(glue|athena|sns):(\w+)(\.sync)?$/.exec(Resource) ?? [];
  if (!service) throw new Error(`state ${state}: it is not known which permissions ${Resource} needs`);
  return `${service}:${call.charAt(0).toUpperCase()}${call.slice(1)}`;
}
