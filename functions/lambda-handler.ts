import { createTelemetry, type Telemetry } from './adapters/telemetry.ts';
import { type ParsedEnvironment, readEnvironment, type Stage } from './environment.ts';

/** What this project needs of Lambda's context. */
export interface LambdaContext {
  readonly awsRequestId: string;
  readonly getRemainingTimeInMillis: () => number;
}

export type LambdaHandler<R> = (payload: unknown, context: LambdaContext) => Promise<R>;

/** Made once, at the first call. */
export interface Surroundings<S extends Stage> {
  readonly environment: ParsedEnvironment<S>;
  readonly telemetry: Telemetry;
}

/**
 * The entry point of a function: reads the environment and builds the stage at the first call, so that nothing happens
 * at import, and wraps each call in its log lines and metrics. Errors pass as they are: their names are the machine's.
 */
export function lambdaHandler<S extends Stage, R>(
  stage: S,
  build: (surroundings: Surroundings<S>) => LambdaHandler<R>,
): LambdaHandler<R> {
  let built: { telemetry: Telemetry; handle: LambdaHandler<R> } | undefined;
  return async (payload, context) => {
    built ??= make(stage, build);
    const { telemetry, handle } = built;
    const begun = performance.now();
    telemetry.begin({ requestId: context.awsRequestId, ...runOf(payload) });
    try {
      const result = await handle(payload, context);
      telemetry.log(`${stage} ended`, { durationMs: Math.round(performance.now() - begun), result: numbersOf(result) });
      return result;
    } catch (error) {
      telemetry.failed(`${stage} failed`, error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      telemetry.flush();
    }
  };
}

function make<S extends Stage, R>(stage: S, build: (surroundings: Surroundings<S>) => LambdaHandler<R>) {
  const environment = readEnvironment(stage, process.env);
  const telemetry = createTelemetry({ service: environment.SERVICE, stage });
  return { telemetry, handle: build({ environment, telemetry }) };
}

/** A log line names the run. The rest of the payload is not checked yet, and is not logged. */
function runOf(payload: unknown): Record<string, string> {
  const { runId, snapshotDate } = (payload ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries({ runId, snapshotDate }).filter((entry) => typeof entry[1] === 'string'),
  ) as Record<string, string>;
}

/** Counts and words such as a status; lists of IDs stay out of the log. */
function numbersOf(result: unknown): Record<string, unknown> {
  const isPlain = (value: unknown) => ['number', 'string', 'boolean'].includes(typeof value);
  return Object.fromEntries(Object.entries(result ?? {}).filter(([, value]) => isPlain(value)));
}
