import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Definition } from '../../statemachine/definition.ts';

/** What happened in an execution, as much as a watcher needs. */
export type MachineEvent =
  | { readonly type: 'entered' | 'exited'; readonly state: string; readonly output?: unknown }
  | { readonly type: 'failed'; readonly state: string; readonly error: string }
  | { readonly type: 'retried'; readonly state: string; readonly attempt: number };

export type Outcome =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED' | 'TIMED_OUT'; readonly error: string; readonly cause: string };

export interface Execution {
  readonly definition: Definition;
  /** Task states by name. */
  readonly tasks: Readonly<Record<string, (parameters: unknown) => Promise<unknown>>>;
  /** Name of the execution: the run ID. */
  readonly name: string;
  readonly input: unknown;
  readonly onEvent: (event: MachineEvent) => void;
  /** The longest time between two tries of a state; 2,000 when absent. */
  readonly longestRetryMs?: number;
}

/** A crawl takes a minute on AWS and milliseconds here, so polling need not wait long. */
const POLL_MS = 100;
/** A retry that gives AWS or Spotify minutes to recover would only keep a person at a terminal waiting. */
const LONGEST_RETRY_MS = 2000;

/** Runs the definition on the embedded engine. Only the length of polls and retries differs from AWS. */
export async function runExecution(run: Execution): Promise<Outcome> {
  const { definition, tasks, name, input, onEvent, longestRetryMs = LONGEST_RETRY_MS } = run;
  const machine = new StateMachine(definition as unknown as StateMachineDefinition, {
    validationOptions: { checkArn: false },
  });
  const execution = machine.run(input as Parameters<StateMachine['run']>[0], {
    overrides: {
      taskResourceLocalHandlers: tasks as never,
      waitTimeOverrides: shortWaits(definition),
      retryIntervalOverrides: shortRetries(definition, longestRetryMs),
    },
    context: {
      Execution: { Id: `arn:aws:states:local:000000000000:execution:playlist-lake:${name}`, Name: name },
    } as never,
  });
  const watched = watch(execution.eventLogs, onEvent);
  const outcome = await execution.result.then(
    (output): Outcome => ({ status: 'SUCCEEDED', output }),
    (error: Error): Outcome => failure(error),
  );
  await watched;
  return outcome;
}

/** Waits of a fixed length are polls; a wait until a time is Spotify's and stays. */
const shortWaits = ({ States }: Definition) =>
  Object.fromEntries(
    Object.entries(States)
      .filter(([, state]) => state.Type === 'Wait' && 'Seconds' in state)
      .map(([name]) => [name, POLL_MS]),
  );

const shortRetries = ({ States }: Definition, longestMs: number) =>
  Object.fromEntries(
    Object.entries(States).map(([name, { Retry = [] }]) => [
      name,
      Retry.map(({ IntervalSeconds = 1 }) => Math.min(IntervalSeconds * 1000, longestMs)),
    ]),
  );

async function watch(events: ReturnType<StateMachine['run']>['eventLogs'], onEvent: (event: MachineEvent) => void) {
  for await (const event of events) {
    if (event.type === 'StateEntered') onEvent({ type: 'entered', state: event.state.name });
    if (event.type === 'StateExited') onEvent({ type: 'exited', state: event.state.name, output: event.state.output });
    if (event.type === 'StateFailed') onEvent({ type: 'failed', state: event.state.name, error: event.Error });
    if (event.type === 'StateRetried' && 'retry' in event) {
      onEvent({ type: 'retried', state: event.state.name, attempt: event.retry.attempt });
    }
  }
}

/** The engine wraps what a Fail state says: its Error is the wrapped error's name, its Cause the message. */
function failure(error: Error): Outcome {
  if (error.name === 'ExecutionTimeoutError')
    return { status: 'TIMED_OUT', error: 'States.Timeout', cause: error.message };
  const inner = error.cause instanceof Error ? error.cause : error;
  return { status: 'FAILED', error: inner.name, cause: inner.message };
}
