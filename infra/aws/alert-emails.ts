import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import type { ClientSettings } from './client-settings.ts';
import { topicLink } from './console-links.ts';

/**
 * `pending`: AWS has asked by e-mail and got no answer. `gone`: not subscribed, since nobody answered within 48 hours or
 * somebody unsubscribed; CloudFormation goes on believing in it.
 * Source: https://aws.amazon.com/about-aws/whats-new/2023/05/amazon-sns-automatic-deletion-unconfirmed-subscriptions/
 */
export type EmailState = 'confirmed' | 'pending' | 'gone';

export interface AlertEmail {
  readonly address: string;
  readonly state: EmailState;
}

/**
 * IAM actions of `alertEmails`: one, on the one topic. GetTopicAttributes would need as much and only counts, without
 * the addresses.
 */
export const ALERT_EMAIL_CALLS = ['sns:ListSubscriptionsByTopic'] as const;

/** What SNS says of each of these addresses, in their order. */
export async function alertEmails(
  topicArn: string,
  addresses: readonly string[],
  settings: ClientSettings,
): Promise<AlertEmail[]> {
  const arns = new Map<string, string[]>();
  const client = new SNSClient(settings);
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn })) {
    for (const { Protocol, Endpoint = '', SubscriptionArn = '' } of Subscriptions) {
      if (Protocol === 'email') arns.set(Endpoint, [...(arns.get(Endpoint) ?? []), SubscriptionArn]);
    }
  }
  return addresses.map((address) => ({ address, state: stateOf(arns.get(address) ?? []) }));
}

/** In place of an ARN, SNS lists `PendingConfirmation` or, for an hour after an unsubscription, `Deleted`. */
function stateOf(arns: readonly string[]): EmailState {
  if (arns.some((arn) => arn.startsWith('arn:'))) return 'confirmed';
  return arns.includes('PendingConfirmation') ? 'pending' : 'gone';
}

/** One line an address, with an exclamation mark where a person has to do something. */
export function emailLines(emails: readonly AlertEmail[], topicArn: string): string[] {
  if (emails.length === 0) return ['! nobody hears of failures: set alertEmails in cdk.json, then npm run deploy'];
  const link = topicLink(topicArn);
  return emails.map(({ address, state }) => {
    if (state === 'confirmed') return `${address} is confirmed`;
    return state === 'pending'
      ? `! ${address} has not confirmed yet and hears of nothing: open the link in AWS's mail to it within 48 hours (another mail: Request confirmation on ${link})`
      : `! ${address} is not subscribed any more and hears of nothing: Create subscription, protocol Email, on ${link}`;
  });
}
