import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  ListExecutionsCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { ALERT_EMAIL_CALLS, alertEmails, emailLines } from './alert-emails.ts';
import type { ClientSettings } from './client-settings.ts';
import { defineCommand, main, say } from './command.ts';
import { parseArn } from './console-links.ts';
import { errorLine } from './error-line.ts';
import { lookAtSecret } from './look-at-secret.ts';
import { requireStack, STACK_CALLS } from './stack.ts';
import { RESOURCE_CALLS, type StackResource, stackResources } from './stack-resources.ts';
import { type AlarmFact, alarmLines, nextRunLine, type RunFact, runLines, secretLine } from './status-lines.ts';

const LAST_RUNS = 5;

/** `npm run status`: whether there is anything to do, from what AWS says now. */
export const status = defineCommand({
  name: 'npm run status',
  summary:
    'Shows the last runs, the next one, the alarms, how long the Spotify token will live, and who hears of failures.',
  usage: `[options]

A line that begins with ! says what to do. A part that may not be read says why, and the exit code is then 1.
`,
  options: {},
  permissions: {
    calls: [
      ...STACK_CALLS,
      ...RESOURCE_CALLS,
      'states:ListExecutions',
      'states:DescribeExecution',
      'cloudwatch:DescribeAlarms',
      'secretsmanager:GetSecretValue',
      ...ALERT_EMAIL_CALLS,
    ],
    also: ['Of the secret it looks at the day of consent only (authorized_at). With customerKey also kms:Decrypt.'],
  },
  async run(_values, context) {
    const { settings } = context;
    const stack = await requireStack(context, 'StateMachineArn', 'SecretArn', 'AlertTopicArn');
    const { outputs } = stack;
    const { region, account } = parseArn(stack.id);
    const now = context.now();
    const resources = stackResources(stack.id, settings);
    const parts: Readonly<Record<string, Promise<readonly string[]>>> = {
      'Last runs': lastRuns(outputs.StateMachineArn, settings).then(runLines),
      'Next run': resources.then((all) => [nextRunLine(scheduleOf(all), now)]),
      Alarms: resources.then((all) => alarmsOf(all, settings)).then(alarmLines),
      'Spotify token': lookAtSecret(outputs.SecretArn, settings).then((secret) => [secretLine(secret, now)]),
      'Alert e-mails': resources
        .then((all) => alertEmails(outputs.AlertTopicArn, emailsOf(all), settings))
        .then((emails) => emailLines(emails, outputs.AlertTopicArn)),
    };
    const settled = await Promise.allSettled(Object.values(parts));
    say(context, `Stack ${stack.name}, account ${account}, region ${region}: ${stack.status}`);
    const asked = { help: 'npm run status -- --help', profile: context.profile };
    for (const [index, title] of Object.keys(parts).entries()) {
      const part = settled[index];
      const lines = part?.status === 'fulfilled' ? part.value : [`! not known: ${errorLine(part?.reason, asked)}`];
      say(context, `\n${title}\n${lines.map((line) => `  ${line}`).join('\n')}`);
    }
    return settled.every((part) => part.status === 'fulfilled') ? 0 : 1;
  },
});

async function lastRuns(stateMachineArn: string, settings: ClientSettings): Promise<RunFact[]> {
  const client = new SFNClient(settings);
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: LAST_RUNS }));
  return Promise.all(executions.map((execution) => runFact(execution, client)));
}

async function runFact(execution: ExecutionListItem, client: SFNClient): Promise<RunFact> {
  const { executionArn, name = '', status: state = 'RUNNING', startDate = new Date(0), stopDate } = execution;
  const fact = { name, status: state, startDate, stopDate };
  if (state === 'SUCCEEDED' || state === 'RUNNING') return fact;
  const { error = state, cause = '' } = await client.send(new DescribeExecutionCommand({ executionArn }));
  return { ...fact, error, cause };
}

/** The weekly rule as it was deployed. */
function scheduleOf(resources: readonly StackResource[]) {
  const rule = resources.find(({ type, properties }) => type === 'AWS::Events::Rule' && properties.ScheduleExpression);
  if (!rule) return undefined;
  const { ScheduleExpression, State } = rule.properties;
  return { expression: String(ScheduleExpression), isOff: State === 'DISABLED' };
}

const emailsOf = (resources: readonly StackResource[]): string[] =>
  resources
    .filter(({ type, properties }) => type === 'AWS::SNS::Subscription' && properties.Protocol === 'email')
    .map(({ properties }) => String(properties.Endpoint));

async function alarmsOf(resources: readonly StackResource[], settings: ClientSettings): Promise<AlarmFact[]> {
  const names = resources.filter(({ type }) => /::CloudWatch::\w*Alarm$/.test(type)).map((one) => one.physicalId);
  if (names.length === 0) return [];
  const { MetricAlarms = [], CompositeAlarms = [] } = await new CloudWatchClient(settings).send(
    new DescribeAlarmsCommand({ AlarmNames: names, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 }),
  );
  return [...MetricAlarms, ...CompositeAlarms].map((alarm) => ({
    name: alarm.AlarmName ?? '',
    state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
    since: alarm.StateUpdatedTimestamp,
    description: alarm.AlarmDescription ?? '',
  }));
}

if (import.meta.main) await main(status);
