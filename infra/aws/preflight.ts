import { ConfigError } from '../../functions/domain/errors.ts';
import { type DeploymentConfig, readConfig, requireSources, stackNameOf } from '../config.ts';
import { type Context, say } from './command.ts';
import { CommandError, UsageError } from './command-error.ts';
import { parseArn } from './console-links.ts';
import { confirm } from './questions.ts';
import { type Caller, type DeployedStack, findStack, whoCalls } from './stack.ts';

/** What is looked at before the CDK starts, so that a mistake costs seconds and not half a deployment. */

export interface Ready {
  readonly name: string;
  readonly config: DeploymentConfig;
  readonly caller: Caller;
  /** As it is now; undefined before the first deployment. */
  readonly stack: DeployedStack | undefined;
}

const NEEDED_NODE = 24;
const TOOLKIT = 'CDKToolkit';
/** What files in a deployment need. Source: requiresBootstrapStackVersion in cdk.out/manifest.json. */
const NEEDED_BOOTSTRAP = 6;

/** Node, configuration, credentials and region; says what it finds. */
export async function preflight(context: Context): Promise<Ready> {
  const node = context.nodeVersion ?? process.versions.node;
  if (Number.parseInt(node, 10) < NEEDED_NODE) {
    throw new CommandError(`This is Node ${node}, and ${NEEDED_NODE} is needed: start the command by npm run.`);
  }
  const config = readConfig(context.configFile, context.env);
  requireSources(config);
  const name = stackNameOf(config);
  if (context.stack && context.stack !== name) {
    throw new UsageError(
      `The configuration makes the stack ${name}: set its stage instead of --stack ${context.stack}.`,
    );
  }
  const caller = await whoCalls(context.settings);
  say(context, `Node ${node}, stack ${name}, account ${caller.account} (${caller.arn}), region ${caller.region}.`);
  ownSecret(config, caller);
  const stack = await findStack(name, context.settings);
  if (stack?.status.endsWith('_IN_PROGRESS')) {
    throw new CommandError(`Stack ${name} is ${stack.status}: wait until that has ended, then try again.`);
  }
  return { name, config, caller, stack };
}

/** A function can read no secret of another region; one of another account would need a policy there, and its key. */
function ownSecret({ secretArn }: DeploymentConfig, { account, region }: Caller): void {
  if (secretArn === null) return;
  const its = parseArn(secretArn);
  if (its.account === account && its.region === region) return;
  throw new ConfigError(
    `cdk.json: context.playlistLake.secretArn is of account ${its.account}, region ${its.region}, and the deployment would go to account ${account}, region ${region}: choose those by AWS_PROFILE and AWS_REGION, or another secret`,
  );
}

/** The CDK puts its files into a bucket and deploys by roles that have to be made once an account and region. */
export async function ensureBootstrapped(ready: Ready, agreed: boolean, context: Context): Promise<void> {
  const { account, region } = ready.caller;
  const problem = bootstrapProblem(await findStack(TOOLKIT, context.settings));
  if (!problem) return;
  const where = `aws://${account}/${region}`;
  say(context, `${where} ${problem}.`);
  const question = `Make the stack ${TOOLKIT} (a bucket and five roles, some cents a month) in ${where}?`;
  if (!agreed && !(await confirm(question, context, 'npm run deploy -- --bootstrap'))) {
    throw new CommandError('Nothing was changed. The CDK cannot deploy before that.');
  }
  const code = await context.runCdk(['bootstrap', where, ...profileArgs(context)], cdkEnvironment(ready));
  if (code !== 0)
    throw new CommandError(`cdk bootstrap ended with code ${code}: see above. It needs an administrator.`);
}

function bootstrapProblem(toolkit: DeployedStack | undefined): string | undefined {
  if (!toolkit) return 'is not bootstrapped for the CDK yet';
  const version = Number(toolkit.outputs.BootstrapVersion ?? 0);
  if (version < NEEDED_BOOTSTRAP) return `is bootstrapped by version ${version}, and ${NEEDED_BOOTSTRAP} is needed`;
  return undefined;
}

export const profileArgs = ({ profile }: Context): string[] => (profile ? ['--profile', profile] : []);

/** The CDK deploys to the region that was looked at. */
export const cdkEnvironment = ({ caller }: Ready): Record<string, string> => ({
  AWS_REGION: caller.region,
  AWS_DEFAULT_REGION: caller.region,
});
