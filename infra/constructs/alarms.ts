import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { METRICS_NAMESPACE, type MetricName } from '../../functions/domain/metrics.ts';
import type { DeploymentConfig } from '../config.ts';
import { DAYS } from '../config-schema.ts';
import type { Pipeline } from './pipeline.ts';

/** An alarm as data. Its name is the heading of its section in `docs/runbook.md`. */
export interface AlarmPlan {
  readonly name: string;
  /** What it means, in one sentence. */
  readonly says: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly comparison: cloudwatch.ComparisonOperator;
  readonly missing: cloudwatch.TreatMissingData;
  /** Looks at whole days from midnight to midnight UTC instead of a window that slides. */
  readonly byCalendarDay?: true;
}

const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator;
const { NOT_BREACHING, BREACHING, IGNORE } = cloudwatch.TreatMissingData;
const FIVE_MINUTES = Duration.minutes(5);

/** When a consent that ends should be spoken of, in days before. */
const TOKEN_DAYS = [30, 14, 3] as const;

/** A metric that the functions emit, of this stack only. */
export const ownMetric = (service: string, name: MetricName, statistic: string, period = Duration.days(1)) =>
  new cloudwatch.Metric({
    namespace: METRICS_NAMESPACE,
    metricName: name,
    dimensionsMap: { service },
    statistic,
    period,
  });

/** Everything that a person should hear of. What the machine mends by itself is not among it. */
export function planAlarms(
  service: string,
  pipeline: Pipeline,
  { schedule: { day }, validation: { maxShrunkPercent } }: Pick<DeploymentConfig, 'schedule' | 'validation'>,
): AlarmPlan[] {
  const moreThanNone = { threshold: 0, comparison: GREATER_THAN_THRESHOLD, missing: NOT_BREACHING };
  return [
    {
      name: 'Run failed',
      says: 'An execution failed, timed out or was aborted.',
      metric: sum(FIVE_MINUTES, {
        failed: pipeline.stateMachine.metricFailed({ period: FIVE_MINUTES }),
        timedOut: pipeline.stateMachine.metricTimedOut({ period: FIVE_MINUTES }),
        aborted: pipeline.stateMachine.metricAborted({ period: FIVE_MINUTES }),
      }),
      ...moreThanNone,
    },
    {
      name: 'Run missed',
      says: `Nothing was published on the day of the weekly run, ${day}.`,
      metric: publishedOnItsDay(ownMetric(service, 'SnapshotsPublished', 'Sum'), day),
      threshold: 1,
      comparison: LESS_THAN_THRESHOLD,
      missing: BREACHING,
      byCalendarDay: true,
    },
    {
      name: 'Schedule failed',
      says: 'The weekly rule could not start the state machine.',
      metric: new cloudwatch.Metric({
        namespace: 'AWS/Events',
        metricName: 'FailedInvocations',
        dimensionsMap: { RuleName: pipeline.rule.ruleName },
        statistic: 'Sum',
        period: FIVE_MINUTES,
      }),
      ...moreThanNone,
    },
    {
      name: 'Start undelivered',
      says: 'A start of the weekly run lies in the dead-letter queue.',
      metric: pipeline.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: FIVE_MINUTES,
      }),
      ...moreThanNone,
    },
    {
      name: 'Function errors',
      says: 'Prepare, Transform or Publish ended with an error. Extract is left out: its errors are retried for half an hour, and the run fails when that does not help.',
      metric: sum(FIVE_MINUTES, errorsOf(pipeline)),
      ...moreThanNone,
    },
    {
      name: 'Function throttled',
      says: 'Lambda refused a call: the account runs too many functions at once.',
      metric: sum(
        FIVE_MINUTES,
        metricsOf(pipeline.functions, (fn) => fn.metricThrottles({ period: FIVE_MINUTES })),
      ),
      ...moreThanNone,
    },
    ...TOKEN_DAYS.map((days) => ({
      name: `Consent ends within ${days} days`,
      says: `The consent that lets the pipeline read Spotify ends in less than ${days} days.`,
      metric: ownMetric(service, 'TokenDaysLeft', 'Minimum'),
      threshold: days,
      comparison: LESS_THAN_THRESHOLD,
      // It is told once a week; in between the state stays.
      missing: IGNORE,
    })),
    {
      name: 'Entries rejected',
      says: "More than 1 % of a run's entries fit no known shape.",
      metric: ownMetric(service, 'RejectedShare', 'Maximum'),
      threshold: 1,
      comparison: GREATER_THAN_THRESHOLD,
      missing: NOT_BREACHING,
    },
    {
      name: 'Playlist shrunk',
      says: `A playlist lost more than ${maxShrunkPercent} % of its entries since the snapshot before.`,
      metric: ownMetric(service, 'ShrunkShare', 'Maximum'),
      threshold: maxShrunkPercent,
      comparison: GREATER_THAN_THRESHOLD,
      missing: NOT_BREACHING,
    },
  ];
}

const errorsOf = ({ functions: { prepare, transform, publish } }: Pipeline) =>
  metricsOf({ prepare, transform, publish }, (fn) => fn.metricErrors({ period: FIVE_MINUTES }));

const metricsOf = (functions: Readonly<Record<string, IFunction>>, metric: (fn: IFunction) => cloudwatch.Metric) =>
  Object.fromEntries(Object.entries(functions).map(([stage, fn]) => [stage, metric(fn)]));

/** A metric without a call in these minutes has no value, and a plain sum would have none either. */
const sum = (period: Duration, usingMetrics: Record<string, cloudwatch.IMetric>) =>
  new cloudwatch.MathExpression({
    expression: `SUM([${Object.keys(usingMetrics)
      .map((name) => `FILL(${name}, 0)`)
      .join(', ')}])`,
    usingMetrics,
    period,
  });

/**
 * 1 on every other day; on the day of the run what was published. DAY and FILL make a value for each day, although the
 * metric has one a week; a run that ends after midnight UTC counts as missed.
 */
const publishedOnItsDay = (published: cloudwatch.Metric, day: (typeof DAYS)[number]) =>
  new cloudwatch.MathExpression({
    expression: `IF(DAY(published) == ${DAYS.indexOf(day) + 1}, FILL(published, 0), 1)`,
    usingMetrics: { published },
    period: Duration.days(1),
  });
