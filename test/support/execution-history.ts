/** A history as GetExecutionHistory answers it, made from short words. Times are seconds since 1970, as in its JSON. */

export type Step =
  | { readonly enter: string; readonly kind?: string }
  | { readonly exit: string; readonly kind?: string; readonly output?: unknown }
  | { readonly scheduled: true }
  | { readonly taskFailed: string }
  | { readonly taskTimedOut: true }
  | { readonly end: 'Succeeded' | 'Failed' | 'TimedOut' | 'Aborted'; readonly details?: Record<string, string> };

function eventOf(step: Step): Record<string, unknown> {
  if ('enter' in step) {
    return { type: `${step.kind ?? 'Task'}StateEntered`, stateEnteredEventDetails: { name: step.enter, input: '{}' } };
  }
  if ('exit' in step) {
    const stateExitedEventDetails = { name: step.exit, output: JSON.stringify(step.output ?? {}) };
    return { type: `${step.kind ?? 'Task'}StateExited`, stateExitedEventDetails };
  }
  if ('scheduled' in step) return { type: 'TaskScheduled' };
  if ('taskFailed' in step) return { type: 'TaskFailed', taskFailedEventDetails: { error: step.taskFailed } };
  if ('taskTimedOut' in step) return { type: 'TaskTimedOut', taskTimedOutEventDetails: {} };
  return { type: `Execution${step.end}`, [`execution${step.end}EventDetails`]: step.details ?? {} };
}

export const history = (...steps: readonly Step[]) =>
  steps.map((step, index) => ({ id: index + 1, previousEventId: index, timestamp: 1_795_000_000, ...eventOf(step) }));

/** A task that does what it should. */
export const task = (name: string, output: unknown = {}): Step[] => [
  { enter: name },
  { scheduled: true },
  { exit: name, output },
];
