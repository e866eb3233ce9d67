import { expect, test } from '@jest/globals';
import { failureReport, readableCause, successReport } from '../../../infra/local/report.ts';

test.each([
  [JSON.stringify({ errorType: 'ConfigError', errorMessage: 'no playlist', trace: ['at x'] }), 'no playlist'],
  [
    JSON.stringify({ QueryExecution: { Query: 'select …', Status: { StateChangeReason: 'line 1: no' } } }),
    'line 1: no',
  ],
  ['plain text', 'plain text'],
  ['', ''],
  ['{"other": 1}', '{"other": 1}'],
  ['"text"', '"text"'],
])('the cause %j is read as %j', (cause, readable) => {
  expect(readableCause(cause)).toBe(readable);
});

test('a failure says what failed, why, and what to do, with and without an alert', () => {
  const outcome = { status: 'FAILED', error: 'ConfigError', cause: 'no playlist' } as const;
  const message = { what: 'The snapshot failed.', cause: 'no playlist', whatToDo: 'Name one.' };
  const text = failureReport(outcome, { file: 'alerts/1.json', subject: 'Failed in Extract', message });
  for (const part of [
    'ConfigError: no playlist',
    'What to do: Name one.',
    'alerts/1.json',
    'Subject: Failed in Extract',
  ]) {
    expect(text).toContain(part);
  }
  expect(failureReport(outcome, undefined)).toContain('FAILED: ConfigError: no playlist');
});

test('a partial snapshot names what is missing', () => {
  const text = successReport({
    snapshotDate: '2026-12-28',
    lakeDir: '.lake',
    isDemo: true,
    checks: 28,
    rows: [{ table: 'playlists', rows: 2 }],
    unreadable: [{ playlistId: 'abc', status: 'gone' }],
    artists: [],
  });
  expect(text).toMatch(/Not readable:\n {2}abc {2}gone/);
  expect(text).toContain('--snapshot-date 2027-01-04');
});
