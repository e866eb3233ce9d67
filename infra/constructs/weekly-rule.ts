import { Duration, Validations } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { DeploymentConfig } from '../config.ts';

/** Where a start goes that the rule could not deliver. */
export function newDeadLetters(scope: Construct, key: kms.IKey | undefined): sqs.Queue {
  const queue = new sqs.Queue(scope, 'DeadLetters', {
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    ...(key
      ? { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: key }
      : { encryption: sqs.QueueEncryption.SQS_MANAGED }),
  });
  for (const id of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy']) {
    Validations.of(queue).acknowledge({ id, reason: 'It is the dead-letter queue; an alarm watches it.' });
  }
  return queue;
}

/** Starts the machine every week. Delivery is at least once, so a run is the same however often its date is started. */
export function newWeeklyRule(
  scope: Construct,
  { day, time }: DeploymentConfig['schedule'],
  { stateMachine, deadLetters }: { readonly stateMachine: sfn.IStateMachine; readonly deadLetters: sqs.IQueue },
): events.Rule {
  const [hour = '', minute = ''] = time.split(':').map((digits) => String(Number(digits)));
  const target = new targets.SfnStateMachine(stateMachine, {
    // The time of the schedule, not of the start: a start that comes late keeps the date.
    input: events.RuleTargetInput.fromObject({ scheduledAt: events.EventField.time }),
    deadLetterQueue: deadLetters,
    maxEventAge: Duration.hours(2),
    retryAttempts: 3,
  });
  return new events.Rule(scope, 'Weekly', {
    description: `Takes the snapshot of the week: ${day} ${time} UTC`,
    schedule: events.Schedule.cron({ minute, hour, weekDay: day }),
    targets: [target],
  });
}
