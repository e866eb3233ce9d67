import { CloudFormationClient, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { type Context, defineCommand, main, say } from './command.ts';
import { CommandError } from './command-error.ts';
import { cdkEnvironment, preflight, profileArgs } from './preflight.ts';
import { ask } from './questions.ts';
import { type DeployedStack, STACK_CALLS } from './stack.ts';
import { RESOURCE_CALLS, type StackResource, stackResources } from './stack-resources.ts';

/** `npm run destroy`: takes the stack away, and tells what stays. */
export const destroy = defineCommand({
  name: 'npm run destroy',
  summary: 'Destroys the stack, after saying what goes and what stays, and asking.',
  usage: `[options]

  --unprotect      take away the stack's protection against deletion first
  --yes            do not ask
`,
  options: { unprotect: { type: 'boolean', default: false }, yes: { type: 'boolean', default: false } },
  permissions: {
    calls: [...STACK_CALLS, ...RESOURCE_CALLS, 'cloudformation:UpdateTerminationProtection'],
    also: ['The CDK destroys by the roles that bootstrapping has made: sts:AssumeRole on cdk-hnb659fds-*-role-*.'],
  },
  async run(values, context) {
    const ready = await preflight(context);
    const { stack, caller } = ready;
    if (!stack) {
      throw new CommandError(
        `There is no stack ${ready.name} in account ${caller.account}, region ${caller.region}: nothing to destroy.`,
      );
    }
    sayWhatStays(stack, await stackResources(stack.id, context.settings), context);
    if (stack.terminationProtection && !values.unprotect) {
      throw new CommandError(`Stack ${stack.name} is protected. If you mean it: npm run destroy -- --unprotect`);
    }
    if (!values.yes) await reallyThis(stack, context);
    if (stack.terminationProtection) await protect(stack, false, context);
    const code = await context.runCdk(['destroy', '--force', ...profileArgs(context)], cdkEnvironment(ready));
    if (code === 0) return 0;
    if (stack.terminationProtection) await protect(stack, true, context).catch(() => undefined);
    throw new CommandError(`cdk destroy ended with code ${code}: see above.`);
  },
});

/** Why each kind of resource outlives the stack, and what becomes of it. */
const REASONS: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket':
    'your snapshots or its access log; it costs by its size until you empty and delete it in the S3 console',
  'AWS::SecretsManager::Secret': 'the Spotify credentials; 0.40 USD a month until you delete it in Secrets Manager',
  'AWS::KMS::Key': 'without it nobody can read what it encrypted; 1 USD a month until you schedule its deletion',
  'AWS::Logs::LogGroup': 'what the runs said; it empties itself by its retention',
};

function sayWhatStays(stack: DeployedStack, resources: readonly StackResource[], context: Context): void {
  const kept = resources.filter(({ isKept }) => isKept);
  say(
    context,
    `\nDestroying ${stack.name} takes away ${resources.length - kept.length} resources; no run starts any more.`,
  );
  if (kept.length === 0) say(context, 'Nothing stays: the data of this stage goes with it.');
  else say(context, `What stays, because it holds data:\n${kept.map(lineOf).join('\n')}`);
  say(context, 'The stack CDKToolkit stays as well: other CDK apps in the account may use it.\n');
}

const lineOf = ({ type, physicalId }: StackResource): string =>
  `  ${type} ${physicalId}${REASONS[type] ? `: ${REASONS[type]}` : ''}`;

async function reallyThis({ name }: DeployedStack, context: Context): Promise<void> {
  if (!context.stdin.isTTY) throw new CommandError('There is no terminal to ask on: give npm run destroy -- --yes.');
  const answer = await ask(`Type ${name} to destroy it: `, context);
  if (answer !== name) throw new CommandError('Nothing was changed.');
}

async function protect({ id }: DeployedStack, on: boolean, { settings }: Context): Promise<void> {
  await new CloudFormationClient(settings).send(
    new UpdateTerminationProtectionCommand({ StackName: id, EnableTerminationProtection: on }),
  );
}

if (import.meta.main) await main(destroy);
