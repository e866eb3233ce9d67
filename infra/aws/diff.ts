import { defineCommand, main } from './command.ts';
import { cdkEnvironment, preflight, profileArgs } from './preflight.ts';
import { STACK_CALLS } from './stack.ts';

/** `npm run diff`: what a deployment would change. */
export const diff = defineCommand({
  name: 'npm run diff',
  summary: 'Shows what npm run deploy would change, and changes nothing.',
  usage: '[options]\n',
  options: {},
  permissions: {
    calls: [...STACK_CALLS],
    also: ['The CDK looks by the roles that bootstrapping has made: sts:AssumeRole on cdk-hnb659fds-*-role-*.'],
  },
  async run(_values, context) {
    const ready = await preflight(context);
    const code = await context.runCdk(['diff', ...profileArgs(context)], cdkEnvironment(ready));
    return code === 0 ? 0 : 1;
  },
});

if (import.meta.main) await main(diff);
