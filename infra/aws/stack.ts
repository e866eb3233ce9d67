import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { readConfig, stackNameOf } from '../config.ts';
import type { ClientSettings } from './client-settings.ts';
import type { Context } from './command.ts';
import { CommandError } from './command-error.ts';

/** What the stack tells the commands, by the ids of its outputs. */
export type OutputName =
  | 'StateMachineArn'
  | 'RebuildMachineArn'
  | 'LakeBucketName'
  | 'WorkGroupName'
  | 'ReadersDatabaseName'
  | 'StagingDatabaseName'
  | 'CrawlerName'
  | 'SecretArn'
  | 'AlertTopicArn'
  | 'DashboardName';

export interface DeployedStack {
  readonly name: string;
  /** arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/UUID */
  readonly id: string;
  readonly status: string;
  readonly terminationProtection: boolean;
  readonly outputs: Readonly<Record<string, string>>;
}

/** IAM actions of `findStack` and `requireStack`. */
export const STACK_CALLS = ['cloudformation:DescribeStacks', 'sts:GetCallerIdentity'] as const;

/** The stack of this name in the account and region; undefined when there is none, or only a change set of one. */
export async function findStack(name: string, settings: ClientSettings): Promise<DeployedStack | undefined> {
  const { Stacks: [found] = [] } = await new CloudFormationClient(settings)
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch(whenMissing);
  if (!found || found.StackStatus === 'REVIEW_IN_PROGRESS' || found.StackStatus === 'DELETE_COMPLETE') return undefined;
  return {
    name,
    id: found.StackId ?? '',
    status: found.StackStatus ?? '',
    terminationProtection: found.EnableTerminationProtection ?? false,
    outputs: Object.fromEntries((found.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
  };
}

/** CloudFormation has no error of its own for it: ValidationError, "Stack with id NAME does not exist". */
function whenMissing(error: unknown): { Stacks: Stack[] } {
  if (Error.isError(error) && error.name === 'ValidationError' && /does not exist/.test(error.message)) {
    return { Stacks: [] };
  }
  throw error;
}

export interface Caller {
  readonly account: string;
  readonly arn: string;
  readonly region: string;
}

/** Whose credentials these are, and in which region. Needs no permission in AWS. */
export async function whoCalls(settings: ClientSettings): Promise<Caller> {
  const client = new STSClient(settings);
  const region = await client.config.region();
  const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
  return { account: Account, arn: Arn, region };
}

/** The deployed stack and these outputs of it, all of them there. Throws CommandError that says what to do. */
export async function requireStack<N extends OutputName>(
  context: Context,
  ...names: N[]
): Promise<DeployedStack & { readonly outputs: Readonly<Record<N, string>> }> {
  // `--stack` needs no configuration.
  const name = context.stack || stackNameOf(readConfig(context.configFile, context.env));
  const stack = await findStack(name, context.settings);
  if (!stack) throw await missingStack(name, context.settings);
  const missing = names.find((output) => !stack.outputs[output]);
  if (!missing) return stack as DeployedStack & { readonly outputs: Readonly<Record<N, string>> };
  if (stack.status.endsWith('_IN_PROGRESS')) {
    throw new CommandError(`Stack ${name} is ${stack.status}: wait until that has ended, then try again.`);
  }
  throw new CommandError(
    `Stack ${name} (${stack.status}) has no output ${missing}: deploy this version of it by npm run deploy.`,
  );
}

async function missingStack(name: string, settings: ClientSettings): Promise<CommandError> {
  const { account, region } = await whoCalls(settings);
  return new CommandError(
    `There is no stack ${name} in account ${account}, region ${region}: create it by npm run deploy, ` +
      'or choose another account (AWS_PROFILE), region (AWS_REGION) or stack (--stack).',
  );
}
