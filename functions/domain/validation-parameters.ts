import type { RunPlace } from './lake-paths.ts';
import { TABLE_NAMES } from './tables.ts';

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * The ExecutionParameters of `statemachine/validation.sql` for one run: SQL literals, so each text carries its own
 * single quotes. The query names the date and the run once a table, in the order of TABLE_NAMES.
 */
export const validationParameters = ({ snapshotDate, runId }: RunPlace): string[] =>
  TABLE_NAMES.flatMap(() => [literal(snapshotDate), literal(runId)]);
