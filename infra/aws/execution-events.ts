import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { MachineEvent, Outcome } from '../local/machine.ts';

/** How an execution ended, as `Outcome` says it; undefined while it runs. */
export interface Translated {
  readonly events: readonly MachineEvent[];
  readonly outcome: Outcome | undefined;
}

/** What a history of Step Functions says, in the words of the local machine. Feed it each event once, in order. */
export function createTranslator(): (history: readonly HistoryEvent[]) => Translated {
  // One state at a time: the machine has no parallel branches.
  let state = '';
  let failures = 0;
  let isFailing = false;

  function entered(name: string): MachineEvent {
    state = name;
    failures = 0;
    isFailing = false;
    return { type: 'entered', state };
  }

  function translate(event: HistoryEvent): MachineEvent | undefined {
    const { type = '' } = event;
    if (type.endsWith('StateEntered')) return entered(event.stateEnteredEventDetails?.name ?? '');
    if (type.endsWith('StateExited')) {
      const { name = state, output } = event.stateExitedEventDetails ?? {};
      return { type: 'exited', state: name, output: fromJson(output) };
    }
    const failure = taskFailure(event);
    if (failure) {
      failures += 1;
      isFailing = true;
      return { type: 'failed', state, error: failure };
    }
    // A retry enters no state again: the task is scheduled once more.
    if (!isFailing || (type !== 'TaskScheduled' && type !== 'LambdaFunctionScheduled')) return undefined;
    isFailing = false;
    return { type: 'retried', state, attempt: failures };
  }

  return (history) => ({
    events: history.map(translate).filter((event) => event !== undefined),
    outcome: history.map(outcomeOf).find((outcome) => outcome !== undefined),
  });
}

/** The name of the error when the event says that a task's attempt has failed. */
function taskFailure(event: HistoryEvent): string | undefined {
  switch (event.type) {
    case 'TaskFailed':
      return event.taskFailedEventDetails?.error ?? 'States.TaskFailed';
    case 'TaskTimedOut':
      return event.taskTimedOutEventDetails?.error ?? 'States.Timeout';
    case 'TaskStartFailed':
      return event.taskStartFailedEventDetails?.error ?? 'States.TaskFailed';
    case 'TaskSubmitFailed':
      return event.taskSubmitFailedEventDetails?.error ?? 'States.TaskFailed';
    case 'LambdaFunctionFailed':
      return event.lambdaFunctionFailedEventDetails?.error ?? 'Lambda.Unknown';
    case 'LambdaFunctionTimedOut':
      return event.lambdaFunctionTimedOutEventDetails?.error ?? 'States.Timeout';
    default:
      return undefined;
  }
}

function outcomeOf(event: HistoryEvent): Outcome | undefined {
  switch (event.type) {
    case 'ExecutionSucceeded':
      return { status: 'SUCCEEDED', output: fromJson(event.executionSucceededEventDetails?.output) };
    case 'ExecutionFailed': {
      const { error = 'States.Runtime', cause = '' } = event.executionFailedEventDetails ?? {};
      return { status: 'FAILED', error, cause };
    }
    case 'ExecutionTimedOut': {
      const { error = 'States.Timeout', cause = 'the execution ran for longer than it may' } =
        event.executionTimedOutEventDetails ?? {};
      return { status: 'TIMED_OUT', error, cause };
    }
    case 'ExecutionAborted': {
      const { error = 'Aborted', cause = 'somebody stopped the execution' } = event.executionAbortedEventDetails ?? {};
      return { status: 'FAILED', error, cause };
    }
    default:
      return undefined;
  }
}

/** An output that was too long for the history is cut off, and then it is no JSON. */
function fromJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
