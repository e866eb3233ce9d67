import type { Definition, State } from '../../statemachine/definition.ts';

/**
 * How long the history of an execution can get. A Standard execution that reaches 25,000 events is ended by AWS, past
 * every Catch. Source: Step Functions developer guide, "Quotas related to state machine executions".
 */
export const EVENTS_ALLOWED = 25_000;

/** ExecutionStarted, and ExecutionSucceeded or ExecutionFailed. */
const EVENTS_OF_AN_EXECUTION = 2;
/** StateEntered and StateExited. */
const EVENTS_OF_A_STATE = 2;
/** TaskScheduled, TaskStarted, TaskSucceeded or TaskFailed; `.sync` adds TaskSubmitted. */
const EVENTS_OF_A_CALL = 4;

/** The most that a state is entered: its loop's bound, which a Choice compares the counter with. */
export function mostVisits(definition: Definition): Record<string, number> {
  const visits = Object.keys(definition.States).map((name): [string, number] => {
    const loop = Object.keys(definition.States).filter(
      (other) => reaches(definition, name, other) && reaches(definition, other, name),
    );
    if (loop.length === 0) return [name, 1];
    const bounds = loop.flatMap((state) => counterBounds(definition.States[state]?.Choices));
    if (bounds.length !== 1) throw new Error(`the loop of ${name} has ${bounds.length} bounds`);
    return [name, bounds[0] as number];
  });
  return Object.fromEntries(visits);
}

/** An upper bound: every state is entered as often as it can be, and every retry of every retrier is used each time. */
export function mostEvents(definition: Definition): number {
  const visits = mostVisits(definition);
  const events = Object.entries(definition.States).map(
    ([name, state]) => (visits[name] ?? 0) * (EVENTS_OF_A_STATE + mostCalls(state) * EVENTS_OF_A_CALL),
  );
  return EVENTS_OF_AN_EXECUTION + events.reduce((sum, count) => sum + count, 0);
}

/** MaxAttempts is 3 where it is not given. */
const mostCalls = ({ Type, Retry = [] }: State): number =>
  Type === 'Task' ? 1 + Retry.reduce((sum, { MaxAttempts = 3 }) => sum + MaxAttempts, 0) : 0;

/** Whether one or more steps lead from a state to another. */
function reaches({ States }: Definition, from: string, to: string): boolean {
  const seen = new Set<string>();
  const next = [from];
  while (next.length > 0) {
    const { Next, Default, Choices = [], Catch = [] } = States[next.pop() as string] ?? {};
    for (const target of [Next, Default, ...[...Choices, ...Catch].map((edge) => edge.Next)]) {
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      next.push(target);
    }
  }
  return seen.has(to);
}

function counterBounds(rule: unknown): number[] {
  if (rule === null || typeof rule !== 'object') return [];
  return Object.entries(rule).flatMap(([key, value]) =>
    key === 'NumericGreaterThanEquals' ? [value as number] : counterBounds(value),
  );
}
