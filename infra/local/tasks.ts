import type { Definition } from '../../statemachine/definition.ts';
import type { Alerts } from './alerts.ts';
import type { LocalAthena } from './athena/athena.ts';
import type { LocalGlue } from './glue/glue.ts';

/** What stands on this machine for the AWS services that the state machine calls. */
export interface LocalServices {
  /** The real handlers, by the function ARN that the definition names. */
  readonly functions: Readonly<Record<string, (payload: unknown) => Promise<unknown>>>;
  readonly glue: LocalGlue;
  readonly athena: LocalAthena;
  readonly alerts: Alerts;
}

type Task = (parameters: unknown) => Promise<unknown>;

/** Binds every Task state by its Resource ARN, never by its name. Throws for a Resource that nothing here serves. */
export function bindTasks(definition: Definition, services: LocalServices): Record<string, Task> {
  const byResource: Record<string, Task> = {
    'arn:aws:states:::lambda:invoke': (parameters) => invoke(parameters as LambdaParameters, services.functions),
    'arn:aws:states:::aws-sdk:glue:startCrawler': (parameters) => services.glue.startCrawler(parameters as CrawlerName),
    'arn:aws:states:::aws-sdk:glue:getCrawler': (parameters) => services.glue.getCrawler(parameters as CrawlerName),
    'arn:aws:states:::athena:startQueryExecution.sync': (parameters) =>
      services.athena.startQueryExecutionSync(
        parameters as Parameters<LocalServices['athena']['startQueryExecutionSync']>[0],
      ),
    'arn:aws:states:::athena:getQueryResults': (parameters) =>
      services.athena.getQueryResults(parameters as { QueryExecutionId: string }),
    'arn:aws:states:::sns:publish': (parameters) => services.alerts.publish(parameters),
  };
  return Object.fromEntries(
    Object.entries(definition.States).flatMap(([name, { Resource }]) => {
      if (Resource === undefined) return [];
      const task = byResource[Resource];
      if (!task) throw new Error(`state ${name}: nothing on this machine stands for ${Resource}`);
      return [[name, task]];
    }),
  );
}

interface CrawlerName {
  readonly Name: string;
}

interface LambdaParameters {
  readonly FunctionName: string;
  readonly Payload: unknown;
}

/** As Step Functions shows a Lambda: only JSON passes, and an error becomes its type with a JSON text as the cause. */
async function invoke({ FunctionName, Payload }: LambdaParameters, functions: LocalServices['functions']) {
  const handler = functions[FunctionName];
  if (!handler) throw new Error(`no function ${FunctionName}`);
  try {
    return { StatusCode: 200, Payload: asJson(await handler(asJson(Payload))) };
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    const cause = JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split('\n') ?? [] });
    throw Object.assign(new Error(cause, { cause: error }), { name });
  }
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
