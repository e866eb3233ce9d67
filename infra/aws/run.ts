import { randomUUID } from 'node:crypto';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { isCalendarDate } from '../../functions/domain/dates.ts';
import { uniqueIds } from '../../functions/domain/execution-input.ts';
import type { Outcome } from '../local/machine.ts';
import { showProgress } from '../local/progress.ts';
import { readableCause } from '../local/report.ts';
import { type Context, defineCommand, main, say, warn } from './command.ts';
import { UsageError } from './command-error.ts';
import { executionLink } from './console-links.ts';
import { followExecution } from './follow-execution.ts';
import { requireStack, STACK_CALLS } from './stack.ts';

/** `npm run run:aws`: one run of the deployed machine, now, as the weekly rule would start it. */
export const runOnAws = defineCommand({
  name: 'npm run run:aws',
  summary: 'Starts a run of the deployed state machine and follows it to its end.',
  usage: `[options]

  --snapshot-date DATE  the date the snapshot stands for, YYYY-MM-DD (default: today, UTC)
  --playlist REF        ID, URI or link; may be given several times (default: those of the deployment)
  --from-raw            transform again what raw/ holds of the date; Spotify is not called
  --validate-only       only check what is published of the date
  --wait                follow it to its end: so it is unless --no-wait is given; Ctrl-C ends the watching, not the run
  --no-wait             start it and say where to look

Its exit code is 0 when the run has succeeded, or was left to itself.
`,
  options: {
    'snapshot-date': { type: 'string' },
    playlist: { type: 'string', multiple: true },
    'from-raw': { type: 'boolean', default: false },
    'validate-only': { type: 'boolean', default: false },
    wait: { type: 'boolean', default: true },
  },
  endsAtInterrupt: true,
  permissions: { calls: [...STACK_CALLS, 'states:StartExecution', 'states:GetExecutionHistory'] },
  async run(values, context) {
    const input = executionInput({
      snapshotDate: values['snapshot-date'],
      playlists: values.playlist,
      fromRaw: values['from-raw'] ?? false,
      validateOnly: values['validate-only'] ?? false,
    });
    const { outputs } = await requireStack(context, 'StateMachineArn');
    const client = new SFNClient(context.settings);
    const { executionArn = '' } = await client.send(
      new StartExecutionCommand({
        stateMachineArn: outputs.StateMachineArn,
        name: `manual-${context.now().toISOString().replace(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`,
        input: JSON.stringify(input),
      }),
    );
    say(context, `Started: ${executionLink(executionArn)}`);
    if (values.wait === false) return 0;
    return report(await follow(client, executionArn, context), context);
  },
});

interface Wanted {
  readonly snapshotDate: string | undefined;
  readonly playlists: readonly string[] | undefined;
  readonly fromRaw: boolean;
  readonly validateOnly: boolean;
}

/** What Prepare would refuse is refused here, before anything is started. */
function executionInput({ snapshotDate, playlists, fromRaw, validateOnly }: Wanted) {
  if (snapshotDate !== undefined && !isCalendarDate(snapshotDate)) {
    throw new UsageError(`--snapshot-date ${snapshotDate} is not a date of the calendar in the form YYYY-MM-DD`);
  }
  if (fromRaw && validateOnly) throw new UsageError('--from-raw and --validate-only exclude each other');
  if (playlists && (fromRaw || validateOnly)) throw new UsageError('--playlist goes with a new snapshot only');
  return {
    ...(snapshotDate ? { snapshotDate } : {}),
    ...(playlists ? { playlists: uniqueIds(playlists) } : {}),
    ...(fromRaw ? { fromRaw } : {}),
    ...(validateOnly ? { validateOnly } : {}),
  };
}

const UNWATCHED: Outcome = { status: 'FAILED', error: 'no longer watched', cause: '' };
const GOES_ON = 'No longer watching; the run goes on. See how it ends: npm run status';

async function follow(client: SFNClient, executionArn: string, context: Context): Promise<Outcome | undefined> {
  const progress = (context.showProgress ?? showProgress)();
  const following = { ...context, client, executionArn, onEvent: progress.onEvent };
  const outcome = await followExecution(following).catch(async (error: unknown) => {
    await progress.end(UNWATCHED);
    // A laptop that fell asleep or a session that ended says nothing of the run.
    warn(context, GOES_ON);
    throw error;
  });
  await progress.end(outcome ?? UNWATCHED);
  return outcome;
}

function report(outcome: Outcome | undefined, context: Context): number {
  if (!outcome) {
    warn(context, GOES_ON);
    return 0;
  }
  if (outcome.status !== 'SUCCEEDED') {
    const cause = readableCause(outcome.cause).replace(/\s+/g, ' ');
    warn(context, `${outcome.status}: ${outcome.error}: ${cause}`);
    warn(context, `What to do: docs/runbook.md, section ${outcome.error}.`);
    return 1;
  }
  const { prepare } = (outcome.output ?? {}) as { prepare?: { mode?: string; snapshotDate?: string } };
  const date = prepare?.snapshotDate ?? 'the date';
  if (prepare?.mode === 'validateOnly') say(context, `What is published of ${date} has passed every check.`);
  else say(context, `The snapshot of ${date} is published. Ask it:`);
  say(context, '  npm run query -- --aws "select name, total from playlists order by total desc"');
  return 0;
}

if (import.meta.main) await main(runOnAws);
