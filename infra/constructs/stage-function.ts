import { type Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionEnvironment, Stage } from '../../functions/environment.ts';
import { LAMBDA_HANDLER, LAMBDA_NODE_OPTIONS } from '../bundle.ts';
import { acknowledgeAllResources } from './permissions.ts';

export interface StageFunctionProps<S extends Stage> {
  readonly stage: S;
  readonly description: string;
  /** The folder that holds the bundle. */
  readonly code: lambda.Code;
  readonly environment: FunctionEnvironment<S>;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly may: readonly iam.PolicyStatement[];
}

/** One stage as a Lambda function, with a role and a log group of its own. */
export class StageFunction<S extends Stage> extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: StageFunctionProps<S>) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new iam.Role(this, 'Role', {
      description: `The function of the stage ${props.stage}`,
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    logGroup.grantWrite(this.role);
    for (const statement of props.may) this.role.addToPolicy(statement);
    this.function = new lambda.Function(this, 'Function', {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: props.code,
      handler: LAMBDA_HANDLER,
      role: this.role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      tracing: lambda.Tracing.ACTIVE,
      timeout: props.timeout,
      memorySize: props.memorySize,
      environment: { ...texts(props.environment), NODE_OPTIONS: LAMBDA_NODE_OPTIONS },
    });
    acknowledgeAllResources(this.role, 'X-Ray');
    Validations.of(this.function).acknowledge({
      id: 'Serverless-LambdaDLQ',
      reason:
        'The state machine calls it synchronously and catches every error; a dead-letter queue serves other calls.',
    });
  }
}

/** Optional variables that are not set stay out. */
const texts = (environment: object): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry) => typeof entry[1] === 'string'));
