import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { allStates, type Definition } from '../../statemachine/definition.ts';
import { type MockConfig, type Mocks, startMocks } from './mocks.ts';
import { type Observed, type Scenario, startingAs } from './scenarios.ts';

/** A run on the embedded engine, with what coverage needs beyond what every engine shows. */
export interface EmbeddedRun extends Observed {
  /** Each retry, with the retrier's place in the state's list and the error that was met. */
  readonly retries: readonly { readonly state: string; readonly retrier: number; readonly error: string }[];
  /** The error that each state met last. */
  readonly lastErrors: ReadonlyMap<string, string>;
}

type Outcome = Pick<Observed, 'status' | 'error' | 'cause' | 'output'>;

/** A definition that is broken on purpose may go round for ever; the longest case enters some 700 states. */
const MOST_STATES = 1000;

/** Runs a case with every wait and retry at once. Waits until a time are real ones: the table's times are past. */
export async function runEmbedded(
  definition: Definition,
  scenario: Scenario,
  config: MockConfig,
): Promise<EmbeddedRun> {
  const mocks = startMocks(config, scenario.machine, scenario.name);
  const executionArn = `arn:aws:states:us-east-1:000000000000:execution:playlist-lake:${scenario.name}`;
  const sent: Record<string, unknown[]> = {};
  const { StatesTimeoutError } = await engineErrors();
  const answer = (state: string) => async (parameters: unknown) => {
    sent[state] = [...(sent[state] ?? []), structuredClone(parameters)];
    const { Return, Throw } = mocks.next(state);
    if (!Throw) return Return;
    // AWS gives a time-out an empty cause; the engine would repeat the name, and knows it by its class.
    const error = Throw.Error === 'States.Timeout' ? new StatesTimeoutError() : new Error();
    throw Object.assign(error, { name: Throw.Error, message: Throw.Cause });
  };
  const machine = new StateMachine(startingAs(definition, scenario.machine) as unknown as StateMachineDefinition, {
    validationOptions: { noValidate: true },
  });
  const states = Object.entries(allStates(definition));
  const execution = machine.run(scenario.input as Parameters<StateMachine['run']>[0], {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(states.map(([name]) => [name, answer(name)])) as never,
      waitTimeOverrides: Object.fromEntries(states.flatMap(([name, state]) => ('Seconds' in state ? [[name, 0]] : []))),
      retryIntervalOverrides: Object.fromEntries(states.map(([name]) => [name, 0])),
    },
    context: { Execution: { Id: executionArn, Name: scenario.name } } as never,
  });
  const watched = watch(execution, definition, mocks);
  const outcome: Outcome = await execution.result.then(
    (output) => ({ status: 'SUCCEEDED', output }),
    (error: Error) => failure(error),
  );
  return { ...outcome, ...(await watched), sent, executionArn, problems: mocks.problems };
}

async function watch(execution: ReturnType<StateMachine['run']>, definition: Definition, { problems }: Mocks) {
  const states = allStates(definition);
  const path: string[] = [];
  const retries: EmbeddedRun['retries'][number][] = [];
  const lastErrors = new Map<string, string>();
  for await (const event of execution.eventLogs) {
    if (event.type === 'StateEntered') path.push(event.state.name);
    if (path.length > MOST_STATES || problems.length > 0) execution.abort();
    if (event.type === 'StateFailed') lastErrors.set(event.state.name, event.Error);
    if (event.type === 'StateRetried' && 'retry' in event) {
      const state = event.state.name;
      const names = event.retry.retrier.ErrorEquals.join();
      const retrier = (states[state]?.Retry ?? []).findIndex(({ ErrorEquals }) => ErrorEquals.join() === names);
      retries.push({ state, retrier, error: lastErrors.get(state) ?? '' });
    }
  }
  return { path, retries, lastErrors };
}

/** The engine wraps what a Fail state says: its Error is the wrapped error's name, its Cause the message. */
function failure(error: Error): Outcome {
  const { name, message } = error.cause instanceof Error ? error.cause : error;
  return { status: 'FAILED', error: name, cause: message };
}

/** The class of the engine's own time-out, which it does not export: had from a task that never ends. */
async function engineErrors(): Promise<{ StatesTimeoutError: new () => Error }> {
  engineTimeout ??= new StateMachine(
    { StartAt: 'Late', States: { Late: { Type: 'Task', Resource: 'late', TimeoutSeconds: 0.001, End: true } } },
    { validationOptions: { noValidate: true } },
  )
    .run(null, { overrides: { taskResourceLocalHandlers: { Late: () => new Promise(() => {}) } } })
    .result.catch((error: Error) => error);
  const { cause } = (await engineTimeout) as Error;
  return { StatesTimeoutError: (cause as Error).constructor as new () => Error };
}

let engineTimeout: Promise<unknown> | undefined;
