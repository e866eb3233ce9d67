import { Duration, Stack } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Stage } from '../../functions/environment.ts';
import { loadDefinition } from '../../statemachine/definition.ts';
import { type DeploymentConfig, PLAYLISTS_FILE } from '../config.ts';
import type { Databases } from '../reader-views.ts';
import type { Catalogue } from './catalogue.ts';
import { crawlAndCheck, executionUrlPrefix, newMachine } from './machine.ts';
import {
  acknowledgeAllResources,
  acknowledgePrefixes,
  allow,
  deleteObjects,
  lakeFormationAccess,
  listBucket,
  readObjects,
  useKey,
  writeObjects,
} from './permissions.ts';
import { StageFunction } from './stage-function.ts';
import { newDeadLetters, newWeeklyRule } from './weekly-rule.ts';

export interface PipelineProps {
  readonly config: DeploymentConfig;
  readonly code: Readonly<Record<Stage, Code>>;
  readonly bucket: s3.IBucket;
  readonly secret: secretsmanager.ISecret;
  readonly topic: sns.ITopic;
  readonly key: kms.IKey | undefined;
  readonly databases: Databases;
  readonly catalogue: Catalogue;
}

/** The stages of a weekly run. */
export type PipelineStage = Exclude<Stage, 'rebuild'>;

/** Mebibytes. Transform parses all the JSON: from 1,769 on it has a whole processor. The others wait for S3 and Spotify. */
const MEMORY: Readonly<Record<PipelineStage, number>> = { prepare: 512, extract: 512, transform: 1769, publish: 512 };

/** A little less than the TimeoutSeconds of the state, so that it is the function that ends and says so. */
const TIMEOUT: Readonly<Record<PipelineStage, Duration>> = {
  prepare: Duration.seconds(110),
  extract: Duration.minutes(15),
  transform: Duration.minutes(15),
  publish: Duration.seconds(290),
};

/** The four functions, the state machine that calls them, and the rule that starts it every week. */
export class Pipeline extends Construct {
  readonly functions: Readonly<Record<PipelineStage, StageFunction<Stage>['function']>>;
  readonly stateMachine: sfn.StateMachine;
  readonly rule: events.Rule;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    this.functions = this.newFunctions(props);
    this.stateMachine = this.newStateMachine(props);
    this.deadLetters = newDeadLetters(this, props.key);
    this.rule = newWeeklyRule(this, props.config.schedule, this);
  }

  private newFunctions({ config, code, bucket, secret, key }: PipelineProps) {
    const common = { SERVICE: Stack.of(this).stackName, LAKE_BUCKET: bucket.bucketName };
    const size = (stage: PipelineStage) => ({ code: code[stage], memorySize: MEMORY[stage], timeout: TIMEOUT[stage] });
    const functions = {
      prepare: new StageFunction(this, 'Prepare', {
        ...size('prepare'),
        stage: 'prepare',
        description: 'Checks the input of an execution',
        environment: { ...common, VALIDATION_LIMITS: JSON.stringify(config.validation) },
        may: [readObjects(bucket, 'raw', 'published'), writeObjects(bucket, 'raw'), listBucket(bucket)],
      }),
      extract: new StageFunction(this, 'Extract', {
        ...size('extract'),
        stage: 'extract',
        description: 'Reads the playlists from Spotify into raw/',
        environment: {
          ...common,
          SPOTIFY_SECRET_ARN: secret.secretArn,
          PLAYLISTS_FILE,
          READING: JSON.stringify(config.reading),
          RAW_RETENTION_DAYS: String(config.retentionDays),
          MARKET: config.market ?? '',
          KEEP_PERSONAL_DATA: config.keepPersonalData ? 'true' : 'false',
        },
        may: [
          readObjects(bucket, 'raw', 'published'),
          writeObjects(bucket, 'raw'),
          listBucket(bucket),
          allow(['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'], [secret.secretArn]),
        ],
      }),
      transform: new StageFunction(this, 'Transform', {
        ...size('transform'),
        stage: 'transform',
        description: 'Writes the raw responses as Parquet into transformed/',
        environment: common,
        may: [readObjects(bucket, 'raw'), writeObjects(bucket, 'transformed'), listBucket(bucket)],
      }),
      publish: new StageFunction(this, 'Publish', {
        ...size('publish'),
        stage: 'publish',
        description: "Makes a run visible in the readers' views",
        environment: common,
        may: [
          readObjects(bucket, 'published'),
          writeObjects(bucket, 'published'),
          deleteObjects(bucket, 'transformed'),
          listBucket(bucket),
        ],
      }),
    };
    if (key) for (const { role } of Object.values(functions)) role.addToPolicy(useKey(key));
    acknowledgePrefixes(functions.prepare.role, bucket, 'raw', 'published');
    acknowledgePrefixes(functions.extract.role, bucket, 'raw', 'published');
    acknowledgePrefixes(functions.transform.role, bucket, 'raw', 'transformed');
    acknowledgePrefixes(functions.publish.role, bucket, 'published', 'transformed');
    const all = Object.entries(functions).map(([stage, { function: fn }]) => [stage, fn]);
    return Object.fromEntries(all) as Pipeline['functions'];
  }

  private newStateMachine(props: PipelineProps): sfn.StateMachine {
    const { config, topic, databases, catalogue, key } = props;
    const { stackName } = Stack.of(this);
    const role = this.stateMachineRole(props);
    if (key) role.addToPolicy(useKey(key));
    const definition = loadDefinition({
      PrepareFunctionArn: this.functions.prepare.functionArn,
      ExtractFunctionArn: this.functions.extract.functionArn,
      TransformFunctionArn: this.functions.transform.functionArn,
      PublishFunctionArn: this.functions.publish.functionArn,
      CrawlerName: catalogue.crawler.ref,
      WorkGroup: catalogue.workGroup.ref,
      StagingDatabase: databases.staging,
      AlertTopicArn: topic.topicArn,
      ExecutionUrlPrefix: executionUrlPrefix(this),
      RunbookUrl: config.runbookUrl,
    });
    return newMachine(this, 'StateMachine', { definition, role, logGroupName: stackName });
  }

  private stateMachineRole({ config, bucket, topic, databases, catalogue }: PipelineProps): iam.Role {
    const role = new iam.Role(this, 'StateMachineRole', {
      description: 'The state machine: calls its functions, the crawler, the checks in Athena, and sends alerts.',
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com'),
    });
    const statements = [
      allow(
        ['lambda:InvokeFunction'],
        Object.values(this.functions).map((fn) => fn.functionArn),
      ),
      ...crawlAndCheck(this, { bucket, databases, catalogue }),
      allow(['sns:Publish'], [topic.topicArn]),
    ];
    for (const statement of statements) role.addToPolicy(statement);
    if (config.lakeFormation) role.addToPolicy(lakeFormationAccess());
    acknowledgePrefixes(role, bucket, 'transformed', 'athena-results');
    acknowledgeAllResources(role, 'X-Ray, the delivery of logs, Lake Formation');
    return role;
  }
}
