import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../../functions/domain/metrics.ts';
import { ownMetric } from './alarms.ts';
import type { Pipeline } from './pipeline.ts';

/** A quarter of weekly runs. */
export const DASHBOARD_RANGE = Duration.days(91);

/** What a person wants to know at a glance: whether it runs, how long, how much, what is wrong, how long the consent lasts. */
export function dashboardWidgets(
  service: string,
  pipeline: Pipeline,
  alarms: cloudwatch.IAlarm[],
): cloudwatch.IWidget[][] {
  const own = (name: MetricName, statistic = 'Sum') => ownMetric(service, name, statistic);
  const { stateMachine } = pipeline;
  const day = { period: Duration.days(1) };
  const graph = (title: string, left: cloudwatch.IMetric[]) =>
    new cloudwatch.GraphWidget({ title, left, width: 8, view: cloudwatch.GraphWidgetView.BAR });
  const number = (title: string, metrics: cloudwatch.IMetric[], width = 6) =>
    new cloudwatch.SingleValueWidget({ title, metrics, width, height: 3, setPeriodToTimeRange: true });
  return [
    [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: 24 })],
    [
      number('Published', [own('SnapshotsPublished')]),
      number('Entries of the latest run', [own('EntriesRead', 'Maximum')]),
      number('Entries rejected', [own('RejectedEntries')]),
      number('Days until the consent ends', [own('TokenDaysLeft', 'Minimum')]),
    ],
    [
      graph('Runs', [
        stateMachine.metricSucceeded(day),
        stateMachine.metricFailed(day),
        stateMachine.metricTimedOut(day),
      ]),
      graph('Duration of a run', [stateMachine.metricTime({ ...day, statistic: 'Maximum' })]),
      graph('Entries and rows', [own('EntriesRead'), own('RowsWritten')]),
    ],
    [
      graph('Calls of Spotify', [own('SpotifyCalls'), own('SpotifyRetries'), own('SpotifyWaits')]),
      graph('Rejected, unreadable, shrunk (%)', [
        own('RejectedEntries'),
        own('PlaylistsUnreadable'),
        own('ShrunkShare', 'Maximum'),
      ]),
      graph(
        'Duration of a function, longest',
        Object.values(pipeline.functions).map((fn) => fn.metricDuration({ ...day, statistic: 'Maximum' })),
      ),
    ],
  ];
}
