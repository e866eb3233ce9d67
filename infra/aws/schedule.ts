const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * When the weekly rule fires next: `cron(MINUTE HOUR ? * DAY *)` in UTC, which is all that the stack makes of its
 * configuration. Undefined for any other expression.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
 */
export function nextWeeklyRun(expression: string, after: Date): Date | undefined {
  const [, minute, hour, name = ''] = /^cron\((\d+) (\d+) \? \* (\w+) \*\)$/.exec(expression.trim()) ?? [];
  const day = DAYS.indexOf(name.toUpperCase());
  if (minute === undefined || hour === undefined || day < 0) return undefined;
  const next = new Date(after);
  next.setUTCHours(Number(hour), Number(minute), 0, 0);
  next.setUTCDate(next.getUTCDate() + ((day - next.getUTCDay() + 7) % 7));
  if (next <= after) next.setUTCDate(next.getUTCDate() + 7);
  return next;
}
