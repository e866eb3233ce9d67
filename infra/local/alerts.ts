import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** What SNS would have sent, kept in `alerts/` of the lake. */
export interface Alerts {
  publish(parameters: unknown): Promise<{ MessageId: string }>;
  /** The messages of this process, oldest first. */
  readonly sent: readonly Alert[];
}

export interface Alert {
  readonly file: string;
  readonly subject: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** SNS refuses a subject over 100 characters. Source: SNS API reference, Publish. */
const ParametersSchema = z.object({
  TopicArn: z.string(),
  Subject: z.string().max(100),
  Message: z.record(z.string(), z.unknown()),
});

export function createAlerts({ lakeDir, now }: { lakeDir: string; now: () => Date }): Alerts {
  const sent: Alert[] = [];
  return {
    sent,
    async publish(parameters) {
      const { Subject: subject, Message: message } = ParametersSchema.parse(parameters);
      const id = `${now().toISOString().replace(/[:.]/g, '-')}-${sent.length + 1}`;
      const file = join(lakeDir, 'alerts', `${id}.json`);
      await mkdir(join(lakeDir, 'alerts'), { recursive: true });
      await writeFile(file, `${JSON.stringify({ Subject: subject, Message: message }, null, 2)}\n`);
      sent.push({ file, subject, message });
      return { MessageId: id };
    },
  };
}
