import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS, METRICS_NAMESPACE, type MetricName } from '../domain/metrics.ts';

/** Logs as JSON lines and metrics by the embedded metric format: both are written to stdout, nothing is called. */
export interface Telemetry {
  /** What every later line carries: the run, the date. Forgets what the former call set. */
  begin(fields: Readonly<Record<string, unknown>>): void;
  log(message: string, fields: Readonly<Record<string, unknown>>): void;
  failed(message: string, error: { readonly name: string; readonly message: string }): void;
  measure(values: Readonly<Partial<Record<MetricName, number>>>): void;
  /** Writes the metrics out. The function may be frozen as soon as it has answered. */
  flush(): void;
}

export function createTelemetry({ service, stage }: { service: string; stage: string }): Telemetry {
  const logger = new Logger({ serviceName: service, logLevel: 'INFO', persistentKeys: { stage } });
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: service });
  let isMeasured = false;
  return {
    begin(fields) {
      logger.resetKeys();
      logger.appendKeys({ ...fields });
    },
    log: (message, fields) => logger.info(message, { ...fields }),
    failed: (message, { name, message: reason }) => logger.error(message, { error: { name, message: reason } }),
    measure(values) {
      for (const [name, value] of Object.entries(values)) {
        metrics.addMetric(name, METRICS[name as MetricName], value);
        isMeasured = true;
      }
    },
    flush() {
      // With nothing to publish it warns, in plain text between the JSON lines.
      if (isMeasured) metrics.publishStoredMetrics();
      isMeasured = false;
    },
  };
}
