/** Pages of the AWS console, from ARNs alone. */

const HOSTS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** The parts of `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. */
export function parseArn(arn: string) {
  const [, partition = 'aws', service = '', region = '', account = '', ...resource] = arn.split(':');
  return { partition, service, region, account, resource: resource.join(':') };
}

function page(arn: string, path: string): string {
  const { partition, region } = parseArn(arn);
  return `https://${region}.${HOSTS[partition] ?? HOSTS.aws}/${path}`;
}

const inRegion = (arn: string): string => `region=${parseArn(arn).region}`;

export const executionLink = (arn: string): string =>
  page(arn, `states/home?${inRegion(arn)}#/v2/executions/details/${arn}`);
export const stackLink = (arn: string): string =>
  page(arn, `cloudformation/home?${inRegion(arn)}#/stacks/stackinfo?stackId=${encodeURIComponent(arn)}`);
export const topicLink = (arn: string): string => page(arn, `sns/v3/home?${inRegion(arn)}#/topic/${arn}`);
export const dashboardLink = (anyArn: string, name: string): string =>
  page(anyArn, `cloudwatch/home?${inRegion(anyArn)}#dashboards/dashboard/${encodeURIComponent(name)}`);
