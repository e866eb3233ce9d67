import type { STSClientConfig } from '@aws-sdk/client-sts';

/** What every client of a command is built with; each service's client takes these. */
export type ClientSettings = Pick<
  STSClientConfig,
  'region' | 'profile' | 'endpoint' | 'credentials' | 'maxAttempts' | 'requestHandler'
>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The SDK finds credentials itself, as the AWS CLI does. It does not know AWS_DEFAULT_REGION, though the AWS CLI and
 * the CDK do. Without time limits a request into a network that swallows packets would hang for minutes.
 */
export function clientSettings(options: { region?: string; profile?: string }, env: Environment): ClientSettings {
  const region = options.region || env.AWS_REGION || env.AWS_DEFAULT_REGION;
  return {
    ...(region ? { region } : {}),
    ...(options.profile ? { profile: options.profile } : {}),
    ...(env.AWS_ENDPOINT_URL ? { endpoint: env.AWS_ENDPOINT_URL } : {}),
    requestHandler: { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  };
}
