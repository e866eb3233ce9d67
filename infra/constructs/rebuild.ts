import { ArnFormat, type CfnElement, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { loadRebuildDefinition, readRebuildDefinition } from '../../statemachine/definition.ts';
import type { AlarmPlan } from './alarms.ts';
import { crawlAndCheck, executionUrlPrefix, newMachine } from './machine.ts';
import {
  acknowledgeAllResources,
  acknowledgePrefixes,
  allow,
  lakeFormationAccess,
  listBucket,
  readObjects,
  useKey,
  writeObjects,
} from './permissions.ts';
import type { Pipeline, PipelineProps } from './pipeline.ts';
import { StageFunction } from './stage-function.ts';

export interface RebuildProps extends Omit<PipelineProps, 'secret' | 'code'> {
  readonly code: Code;
  readonly pipeline: Pipeline;
}

/** The second machine: makes the tables again from raw. It cannot reach Spotify: it has neither Extract nor the secret. */
export class Rebuild extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, props: RebuildProps) {
    super(scope, id);
    const { config, bucket, catalogue, databases, topic, pipeline, key } = props;
    const lists = this.newFunction(props);
    const { prepare, transform, publish } = pipeline.functions;
    const role = this.newRole(
      props,
      [prepare, transform, publish, lists].map((fn) => fn.functionArn),
    );
    if (key) role.addToPolicy(useKey(key));
    this.stateMachine = newMachine(this, 'StateMachine', {
      role,
      logGroupName: `${Stack.of(this).stackName}-rebuild`,
      definition: loadRebuildDefinition({
        RebuildFunctionArn: lists.functionArn,
        PrepareFunctionArn: prepare.functionArn,
        TransformFunctionArn: transform.functionArn,
        PublishFunctionArn: publish.functionArn,
        LakeBucketName: bucket.bucketName,
        CrawlerName: catalogue.crawler.ref,
        WorkGroup: catalogue.workGroup.ref,
        StagingDatabase: databases.staging,
        AlertTopicArn: topic.topicArn,
        ExecutionUrlPrefix: executionUrlPrefix(this),
        RunbookUrl: config.runbookUrl,
      }),
    });
    this.mayRunItsMaps(role);
  }

  private newFunction({ bucket, code, key }: RebuildProps) {
    const { function: fn, role } = new StageFunction(this, 'Lists', {
      stage: 'rebuild',
      description: 'Lists the dates of a rebuild, and what came of them',
      code,
      environment: { SERVICE: Stack.of(this).stackName, LAKE_BUCKET: bucket.bucketName },
      // Reads a small object a date: ten years are 520 of them.
      timeout: Duration.seconds(290),
      memorySize: 512,
      may: [readObjects(bucket, 'rebuild', 'published'), writeObjects(bucket, 'rebuild'), listBucket(bucket)],
    });
    if (key) role.addToPolicy(useKey(key));
    acknowledgePrefixes(role, bucket, 'rebuild', 'published');
    return fn;
  }

  private newRole(props: RebuildProps, functionArns: readonly string[]): iam.Role {
    const { bucket, topic, config } = props;
    const role = new iam.Role(this, 'StateMachineRole', {
      description: 'The rebuild machine: calls functions, the crawler and the checks in Athena, and sends alerts.',
      assumedBy: new iam.ServicePrincipal('states.amazonaws.com'),
    });
    const statements = [
      allow(['lambda:InvokeFunction'], functionArns),
      ...crawlAndCheck(this, props),
      // ItemReader and ResultWriter; source: Step Functions developer guide, "IAM policies for using Distributed Map".
      readObjects(bucket, 'rebuild'),
      writeObjects(bucket, 'rebuild'),
      allow(['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], [bucket.arnForObjects('rebuild/*')]),
      allow(['sns:Publish'], [topic.topicArn]),
    ];
    for (const statement of statements) role.addToPolicy(statement);
    if (config.lakeFormation) role.addToPolicy(lakeFormationAccess());
    acknowledgePrefixes(role, bucket, 'transformed', 'athena-results', 'rebuild');
    acknowledgeAllResources(role, 'X-Ray, the delivery of logs, Lake Formation');
    return role;
  }

  /**
   * A Distributed Map starts executions of its own machine. In a policy of its own, because the machine waits for the
   * role's first one. The same as the guide named above, and as the CDK writes for a map that it knows of.
   */
  private mayRunItsMaps(role: iam.Role): void {
    const { stateMachineArn, stateMachineName } = this.stateMachine;
    const executions = (resourceName: string) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource: 'execution',
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    const labels = Object.values(readRebuildDefinition().States).flatMap(({ Label }) => Label ?? []);
    const policy = new iam.Policy(this, 'MapRuns', {
      roles: [role],
      statements: [
        allow(['states:StartExecution'], [stateMachineArn]),
        allow(['states:DescribeExecution', 'states:StopExecution'], [executions(`${stateMachineName}:*`)]),
        allow(
          ['states:RedriveExecution'],
          labels.map((label) => executions(`${stateMachineName}/${label}:*`)),
        ),
      ],
    });
    const machine = Stack.of(this).getLogicalId(this.stateMachine.node.defaultChild as CfnElement);
    for (const rest of ['', ...labels.map((label) => `/${label}`)]) {
      Validations.of(policy).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<${machine}.Name>${rest}:*]`,
        reason: "Executions of this machine's own maps; their names are made by Step Functions.",
      });
    }
  }
}

/** That it stopped half-way; the machine's own message came before, unless even that could not be sent. */
export const rebuildAlarm = ({ stateMachine }: Rebuild): AlarmPlan => {
  const period = Duration.minutes(5);
  return {
    name: 'Rebuild failed',
    says: 'A rebuild from raw failed or timed out.',
    metric: new cloudwatch.MathExpression({
      expression: 'SUM([FILL(failed, 0), FILL(timedOut, 0)])',
      usingMetrics: {
        failed: stateMachine.metricFailed({ period }),
        timedOut: stateMachine.metricTimedOut({ period }),
      },
      period,
    }),
    threshold: 0,
    comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    missing: cloudwatch.TreatMissingData.NOT_BREACHING,
  };
};
