import { rangeProblem } from '../../functions/domain/dates.ts';
import { readableCause } from '../local/report.ts';
import { defineCommand, say, warn } from './command.ts';
import { UsageError } from './command-error.ts';
import { REBUILD_CALLS, startRebuild } from './rebuild-execution.ts';
import { requireStack, STACK_CALLS } from './stack.ts';

/** `npm run rebuild -- --aws`: the second machine makes the tables again from raw, for a range of dates. */
export const rebuildOnAws = defineCommand({
  name: 'npm run rebuild -- --aws',
  summary: 'Makes the tables on AWS again from raw, through the same checks, without a call to Spotify.',
  usage: `[options]

  --from DATE, --to DATE  first and last snapshot date, YYYY-MM-DD (default: all that raw holds)
  --wait                  follow it to its end: so it is unless --no-wait is given; Ctrl-C ends the watching only
  --no-wait               start it and say where to look

A date that fails keeps the snapshot it had. Exit code 0: every date is published again, or it was left to itself.
`,
  options: {
    aws: { type: 'boolean' },
    from: { type: 'string' },
    to: { type: 'string' },
    wait: { type: 'boolean', default: true },
  },
  endsAtInterrupt: true,
  permissions: { calls: [...STACK_CALLS, ...REBUILD_CALLS] },
  async run({ from, to, wait }, context) {
    const problem = rangeProblem({ from, to }, '--');
    if (problem) throw new UsageError(problem);
    const { outputs } = await requireStack(context, 'RebuildMachineArn');
    const follow = await startRebuild(outputs.RebuildMachineArn, { from, to }, context);
    if (wait === false) return 0;
    const outcome = await follow();
    if (!outcome) {
      warn(context, 'No longer watching; the rebuild goes on, and a message tells if it fails.');
      return 0;
    }
    if (outcome.status === 'SUCCEEDED') {
      say(context, doneLine(outcome.output));
      return 0;
    }
    warn(context, `${outcome.status}: ${outcome.error}: ${readableCause(outcome.cause).replace(/\s+/g, ' ')}`);
    warn(context, 'What to do: docs/runbook.md, section Rebuild.');
    return 1;
  },
});

function doneLine(output: unknown): string {
  const { plan } = (output ?? {}) as { plan?: { isEmpty?: boolean } };
  if (plan?.isEmpty) return 'There is nothing to rebuild: raw holds no finished run of these dates.';
  return 'Every date is published again.';
}
