import { CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Stage } from '../functions/environment.ts';
import { type DeploymentConfig, stackNameOf } from './config.ts';
import { Catalogue } from './constructs/catalogue.ts';
import { DataLake } from './constructs/data-lake.ts';
import { Monitoring } from './constructs/monitoring.ts';
import { onlyThisAccount } from './constructs/permissions.ts';
import { Pipeline } from './constructs/pipeline.ts';
import { Rebuild } from './constructs/rebuild.ts';
import { type Databases, READERS_DATABASE } from './reader-views.ts';

export interface PlaylistLakeProps extends StackProps {
  readonly config: DeploymentConfig;
  /** Each function's bundle. */
  readonly code: Readonly<Record<Stage, Code>>;
}

/** The databases of a stage, so that two stages can share an account. */
export function databasesOf({ stage }: Pick<DeploymentConfig, 'stage'>): Databases {
  const readers = stage === 'prod' ? READERS_DATABASE : `${READERS_DATABASE}_${stage}`;
  return { readers, staging: `${readers}_staging` };
}

/** All of Playlist Lake on AWS. What holds data outlives the stack, except in a stage that is not prod. */
export class PlaylistLakeStack extends Stack {
  constructor(scope: Construct, id: string, { config, code, ...props }: PlaylistLakeProps) {
    super(scope, id, {
      stackName: stackNameOf(config),
      description: 'Playlist Lake: a weekly snapshot of Spotify playlists in a data lake',
      terminationProtection: config.stage === 'prod',
      ...props,
    });
    const removalPolicy = config.stage === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const key = config.customerKey ? this.newKey(removalPolicy) : undefined;
    const databases = databasesOf(config);
    const topic = this.newTopic(config.alertEmails, key);
    const { bucket, secret } = new DataLake(this, 'DataLake', { config, removalPolicy, key });
    const catalogue = new Catalogue(this, 'Catalogue', { bucket, key, databases, lakeFormation: config.lakeFormation });
    const pipeline = new Pipeline(this, 'Pipeline', { config, code, bucket, secret, topic, key, databases, catalogue });
    const common = { config, bucket, topic, key, databases, catalogue };
    const rebuild = new Rebuild(this, 'Rebuild', { ...common, code: code.rebuild, pipeline });
    new Monitoring(this, 'Monitoring', { config, pipeline, rebuild, topic });
    this.tell({
      StateMachineArn: pipeline.stateMachine.stateMachineArn,
      RebuildMachineArn: rebuild.stateMachine.stateMachineArn,
      LakeBucketName: bucket.bucketName,
      WorkGroupName: catalogue.workGroup.ref,
      ReadersDatabaseName: databases.readers,
      StagingDatabaseName: databases.staging,
      CrawlerName: catalogue.crawler.ref,
      SecretArn: secret.secretArn,
      AlertTopicArn: topic.topicArn,
    });
  }

  /** The commands find everything by these. */
  private tell(outputs: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  private newKey(removalPolicy: RemovalPolicy): kms.Key {
    const key = new kms.Key(this, 'Key', {
      description: `${this.stackName}: bucket, secret, topic and queue`,
      enableKeyRotation: true,
      removalPolicy,
    });
    // Alarms publish to the topic, the rule sends to the queue, as services of AWS, not as a role of this account.
    for (const service of ['cloudwatch.amazonaws.com', 'events.amazonaws.com']) {
      key.addToResourcePolicy(
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal(service)],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          resources: ['*'],
          conditions: onlyThisAccount,
        }),
      );
    }
    return key;
  }

  private newTopic(emails: readonly string[], key: kms.IKey | undefined): sns.Topic {
    const topic = new sns.Topic(this, 'Alerts', {
      displayName: 'Playlist Lake',
      enforceSSL: true,
      ...(key ? { masterKey: key } : {}),
    });
    // enforceSSL writes a policy, and a policy replaces the default one, which had let the account's alarms publish.
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AllowAlarms',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: onlyThisAccount,
      }),
    );
    for (const email of emails) {
      const subscription = topic.addSubscription(new EmailSubscription(email));
      Validations.of(subscription).acknowledge({
        id: 'Serverless-SNSRedrivePolicy',
        reason: 'SNS tries an e-mail again by itself; what it would have said stands in the execution and the alarm.',
      });
    }
    return topic;
  }
}
