import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Definition } from '../../statemachine/definition.ts';
import type { Databases } from '../reader-views.ts';
import type { Catalogue } from './catalogue.ts';
import {
  allow,
  catalogueArns,
  crawlerArn,
  dataCatalogArn,
  defaultDatabase,
  listBucket,
  readObjects,
  workGroupArn,
  writeObjects,
} from './permissions.ts';

/** A standard state machine with its text in the template, traced, and with a log that leaves the data out. */
export const newMachine = (
  scope: Construct,
  id: string,
  { definition, role, logGroupName }: { definition: Definition; role: iam.IRole; logGroupName: string },
): sfn.StateMachine =>
  new sfn.StateMachine(scope, id, {
    definitionBody: sfn.DefinitionBody.fromString(JSON.stringify(definition)),
    comment: definition.Comment ?? '',
    role,
    tracingEnabled: true,
    logs: {
      level: sfn.LogLevel.ALL,
      // The history in the console has the data; a log that is kept for months need not.
      includeExecutionData: false,
      destination: new logs.LogGroup(scope, `${id}Logs`, {
        // Under this prefix the account's resource policy for log delivery does not outgrow its 5,120 characters.
        logGroupName: `/aws/vendedlogs/states/${logGroupName}`,
        retention: logs.RetentionDays.THREE_MONTHS,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    },
  });

/** To crawl, and to ask the one validation query in Athena, which reads with the rights of who started it. */
export function crawlAndCheck(
  scope: Construct,
  { bucket, databases, catalogue }: { bucket: s3.IBucket; databases: Databases; catalogue: Catalogue },
): iam.PolicyStatement[] {
  const workGroup = workGroupArn(scope, catalogue.workGroup.ref);
  const query = ['StartQueryExecution', 'StopQueryExecution', 'GetQueryExecution', 'GetQueryResults'];
  const read = ['GetDatabase', 'GetTable', 'GetPartition', 'GetPartitions', 'BatchGetPartition'];
  return [
    allow(['glue:StartCrawler', 'glue:GetCrawler'], [crawlerArn(scope, catalogue.crawler.ref)]),
    allow(
      query.map((action) => `athena:${action}`),
      [workGroup],
    ),
    allow(['athena:GetDataCatalog'], [dataCatalogArn(scope)]),
    allow(
      read.map((action) => `glue:${action}`),
      catalogueArns(scope, databases.staging),
    ),
    allow(['glue:GetDatabase'], [defaultDatabase(scope)]),
    readObjects(bucket, 'transformed', 'athena-results'),
    writeObjects(bucket, 'athena-results'),
    allow(['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], [bucket.arnForObjects('athena-results/*')]),
    listBucket(bucket),
    allow(['s3:GetBucketLocation'], [bucket.bucketArn]),
  ];
}

/** Put before an execution's ARN: where a person looks at it. */
export const executionUrlPrefix = (scope: Construct): string => {
  const { region } = Stack.of(scope);
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/`;
};
