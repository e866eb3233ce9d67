import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { DeploymentConfig } from '../config.ts';
import { headingAnchor } from '../heading-anchor.ts';
import { type AlarmPlan, planAlarms } from './alarms.ts';
import { DASHBOARD_RANGE, dashboardWidgets } from './dashboard.ts';
import type { Pipeline } from './pipeline.ts';
import { type Rebuild, rebuildAlarm } from './rebuild.ts';

export interface MonitoringProps {
  readonly config: Pick<DeploymentConfig, 'schedule' | 'validation' | 'runbookUrl' | 'dashboard'>;
  readonly pipeline: Pipeline;
  readonly rebuild: Rebuild;
  readonly topic: sns.ITopic;
}

/** Alarms, each with a link to what to do, and a dashboard to look at when one has come. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { config, pipeline, rebuild, topic }: MonitoringProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    const action = new SnsAction(topic);
    const plans = [...planAlarms(stackName, pipeline, config), rebuildAlarm(rebuild)];
    const alarms = plans.map((plan) => this.alarm(plan, config.runbookUrl));
    for (const alarm of alarms) alarm.addAlarmAction(action);
    if (!config.dashboard) return;
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: stackName,
      defaultInterval: DASHBOARD_RANGE,
      widgets: dashboardWidgets(stackName, pipeline, alarms),
    });
    // The name of the output is what the commands look for.
    new CfnOutput(Stack.of(this), 'DashboardName', { value: dashboard.dashboardName });
  }

  private alarm(plan: AlarmPlan, runbookUrl: string): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, plan.name.replaceAll(' ', ''), {
      alarmName: `${Stack.of(this).stackName}: ${plan.name}`,
      alarmDescription: `${plan.says} What to do: ${runbookUrl}#${headingAnchor(plan.name)}`,
      metric: plan.metric,
      threshold: plan.threshold,
      comparisonOperator: plan.comparison,
      treatMissingData: plan.missing,
      evaluationPeriods: 1,
    });
    if (plan.byCalendarDay) {
      const window = { wallClockWindow: { timezone: 'UTC' } };
      (alarm.node.defaultChild as cloudwatch.CfnAlarm).evaluationWindow = window;
    }
    return alarm;
  }
}
