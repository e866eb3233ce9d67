import * as z from 'zod';
import type { Alert } from './alerts.ts';
import type { Outcome } from './machine.ts';

/** The last words of a run, as text: what was gained, or what failed and what to do. Pure. */

export interface Success {
  readonly snapshotDate: string;
  readonly lakeDir: string;
  readonly isDemo: boolean;
  readonly checks: number;
  readonly rows: readonly { readonly table: string; readonly rows: number }[];
  readonly unreadable: readonly { readonly playlistId: string; readonly status: string }[];
  readonly artists: readonly { readonly name: string; readonly entries: number; readonly playlists: number }[];
}

const EXAMPLE = 'select name, total from playlists order by total desc';

export function successReport(success: Success): string {
  const { snapshotDate, lakeDir, rows, unreadable } = success;
  const lake = lakeDir === '.lake' ? '' : ` --lake ${shellWord(lakeDir)}`;
  return [
    '',
    `The snapshot of ${snapshotDate} is published.`,
    '',
    ...labelled([
      ['Lake', `${lakeDir} (raw responses in raw/, Parquet in transformed/)`],
      ['Validation', `${success.checks} checks, 0 violations`],
      ...rowLines(rows),
    ]),
    ...(unreadable.length > 0
      ? ['', 'Not readable:', ...unreadable.map(({ playlistId, status }) => `  ${playlistId}  ${status}`)]
      : []),
    ...(success.artists.length > 0 ? ['', 'Most present artists:', ...artistLines(success.artists)] : []),
    '',
    'Next:',
    `  npm run query -- "${EXAMPLE}"${lake}`,
    ...(success.isDemo
      ? [
          `  npm start -- --snapshot-date ${aWeekLater(snapshotDate)}${lake}   (the demo a week later)`,
          '  With your own Spotify: see “Your own playlists” in README.md.',
        ]
      : [`  npm start${lake ? ` --${lake}` : ''}   next week, or on AWS every week by itself: see README.md`]),
    '',
  ].join('\n');
}

/** What went wrong, for a person: the alert as it would have been sent, and the error itself. */
export function failureReport(outcome: Exclude<Outcome, { status: 'SUCCEEDED' }>, alert: Alert | undefined): string {
  const lines = [`${outcome.status}: ${outcome.error}: ${readableCause(outcome.cause)}`];
  const whatToDo = alert?.message.whatToDo;
  if (typeof whatToDo === 'string') lines.push(`What to do: ${whatToDo}`);
  if (alert) {
    lines.push('', `The alert, as SNS would have sent it (${alert.file}):`, `  Subject: ${alert.subject}`);
    for (const [name, value] of Object.entries(alert.message)) {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      lines.push(`  ${name}: ${name === 'cause' ? readableCause(text) : text}`);
    }
  }
  return ['', ...lines, ''].join('\n');
}

const CauseSchema = z.union([
  z.object({ errorMessage: z.string() }).transform(({ errorMessage }) => errorMessage),
  z
    .object({ QueryExecution: z.object({ Status: z.object({ StateChangeReason: z.string() }) }) })
    .transform(({ QueryExecution }) => QueryExecution.Status.StateChangeReason),
]);

/** A Lambda's cause is JSON text with the message in it, a query's tells why it failed; any other is text already. */
export function readableCause(cause: string): string {
  try {
    return CauseSchema.safeParse(JSON.parse(cause)).data ?? cause;
  } catch {
    return cause;
  }
}

const artistLines = (artists: Success['artists']): string[] => {
  const width = Math.max(...artists.map(({ entries }) => String(entries).length));
  return artists.map(
    ({ name, entries, playlists }) =>
      `  ${String(entries).padStart(width)} entries in ${playlists} ${playlists === 1 ? 'playlist ' : 'playlists'}  ${name}`,
  );
};

/** Three tables a line. */
const rowLines = (rows: Success['rows']): (readonly [string, string])[] =>
  [rows.slice(0, 3), rows.slice(3)].map((some, line) => [
    line === 0 ? 'Rows' : '',
    some.map(({ table, rows: count }) => `${table} ${count}`).join(', '),
  ]);

function labelled(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...pairs.map(([label]) => label.length));
  return pairs.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`);
}

const shellWord = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

function aWeekLater(date: string): string {
  return new Date(Date.parse(date) + 7 * 86_400_000).toISOString().slice(0, 10);
}
