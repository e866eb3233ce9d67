import type { Definition, State } from './definition.ts';

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

/** In the order of the states. Throws for a Resource whose action is not known. */
export function requiredPermissions({ States }: Definition): Permission[] {
  return Object.entries(States).flatMap(([name, { Resource, Parameters = {} }]) => {
    if (Resource === undefined) return [];
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
