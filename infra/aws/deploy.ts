import { ALERT_EMAIL_CALLS, type AlertEmail, alertEmails, emailLines } from './alert-emails.ts';
import { type Context, defineCommand, main, say, warn } from './command.ts';
import { CommandError } from './command-error.ts';
import { dashboardLink, stackLink } from './console-links.ts';
import { errorLine } from './error-line.ts';
import { cdkEnvironment, ensureBootstrapped, preflight, profileArgs, type Ready } from './preflight.ts';
import { confirm } from './questions.ts';
import { type DeployedStack, findStack, STACK_CALLS } from './stack.ts';

/** `npm run deploy`: from a clone to a stack, and what to do next. */
export const deploy = defineCommand({
  name: 'npm run deploy',
  summary: 'Deploys Playlist Lake to AWS, as cdk.json configures it, and says what to do next.',
  usage: `[options]

  --yes            ask nothing: neither whether this is the right account nor about new permissions
  --bootstrap      prepare the account and region for the CDK when they are not yet
`,
  options: { yes: { type: 'boolean', default: false }, bootstrap: { type: 'boolean', default: false } },
  permissions: {
    calls: [...STACK_CALLS, ...ALERT_EMAIL_CALLS],
    also: [
      'The CDK deploys by the roles that bootstrapping has made: sts:AssumeRole on cdk-hnb659fds-*-role-*.',
      'Bootstrapping, once an account and region, needs an administrator.',
    ],
  },
  async run(values, context) {
    const ready = await preflight(context);
    if (ready.config.alertEmails.length === 0) {
      warn(context, 'Nobody will hear of failures: cdk.json names no alertEmails in context.playlistLake.');
    }
    await rightAccount(ready, values.yes ?? false, context);
    await ensureBootstrapped(ready, values.bootstrap ?? false, context);
    const approval = ['--require-approval', values.yes ? 'never' : 'broadening'];
    const code = await context.runCdk(['deploy', ...approval, ...profileArgs(context)], cdkEnvironment(ready));
    if (code !== 0) {
      throw new CommandError(`cdk deploy ended with code ${code}: see above. CloudFormation takes back what it began.`);
    }
    const stack = await findStack(ready.name, context.settings);
    if (!stack) throw new CommandError(`The CDK made no stack ${ready.name} in ${ready.caller.region}.`);
    const unheard = await whoHearsNothing(stack, ready.config.alertEmails, context);
    for (const line of nextSteps(stack, ready.stack === undefined, unheard)) say(context, line);
    return 0;
  },
});

/** The first deployment into a wrong account is a nuisance to undo; a later one can only find its own stack. */
async function rightAccount({ stack, name, caller }: Ready, agreed: boolean, context: Context): Promise<void> {
  if (stack || agreed) return;
  const question = `There is no stack ${name} yet. Create it in account ${caller.account}, region ${caller.region}?`;
  if (await confirm(question, context, 'npm run deploy -- --yes')) return;
  throw new CommandError('Nothing was changed. Choose another account by AWS_PROFILE, another region by AWS_REGION.');
}

/** What to do so that each address hears of failures; nothing of those that do. A right that is missing stops nothing. */
async function whoHearsNothing(
  { outputs: { AlertTopicArn = '' } }: DeployedStack,
  addresses: readonly string[],
  { settings, profile }: Context,
): Promise<string[]> {
  try {
    return linesToDo(await alertEmails(AlertTopicArn, addresses, settings), AlertTopicArn);
  } catch (error) {
    const why = errorLine(error, { help: 'npm run deploy -- --help', profile });
    return [`whether ${addresses.join(', ')} has confirmed AWS's mail is not known: ${why}`];
  }
}

const linesToDo = (emails: readonly AlertEmail[], topicArn: string): string[] =>
  emailLines(emails, topicArn).flatMap((line) => (line.startsWith('! ') ? [line.slice(2)] : []));

/** What to do after the stack's first deployment, or after a later one. */
export function nextSteps({ id, name, outputs }: DeployedStack, isFirst: boolean, unheard: readonly string[]) {
  const { DashboardName } = outputs;
  const steps = [
    ...unheard,
    'Put the Spotify credentials into the secret: npm run credentials',
    'Start the first run; the next ones start by themselves: npm run run:aws',
  ];
  return [
    '',
    `Stack ${name} is deployed: ${stackLink(id)}`,
    ...(DashboardName ? [`Dashboard: ${dashboardLink(id, DashboardName)}`] : []),
    ...(isFirst
      ? ['', 'Next:', ...steps.map((step, index) => `  ${index + 1}. ${step}`)]
      : [...unheard.map((line) => `! ${line}`), 'How it does: npm run status']),
  ];
}

if (import.meta.main) await main(deploy);
