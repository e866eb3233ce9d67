import { describe, expect, test } from '@jest/globals';
import {
  type AnsweredAttempt,
  type Attempt,
  decide,
  FRESH,
  type Progress,
  type Step,
} from '../../../functions/domain/spotify-answer.ts';
import { apiRefusal, tokenRefusal } from '../../../functions/domain/spotify-refusal.ts';

const NOW = Date.parse('2026-11-23T03:00:00Z');

const answered = (status: number, body: unknown = {}, retryAfter: string | null = null): AnsweredAttempt => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const json = typeof body === 'string' ? undefined : body;
  return { kind: 'answered', status, body: Buffer.from(text), json, text, retryAfter, wwwAuthenticate: '' };
};
const fault: Attempt = { kind: 'fault', what: 'fetch failed, ECONNRESET', cause: new Error('ECONNRESET') };
const apiError = (status: number, message: string, reason?: string) =>
  answered(status, { error: { status, message, ...(reason ? { reason } : {}) } });
const tokenError = (status: number, error: string, description = '') =>
  answered(status, { error, error_description: description });

const situation = (progress: Partial<Progress> = {}, random = 0) => ({
  call: 'GET /v1/playlists/abc',
  progress: { ...FRESH, ...progress },
  now: NOW,
  random,
});
const judge = (attempt: Attempt, progress: Partial<Progress> = {}, random = 0) =>
  decide(attempt, situation(progress, random), apiRefusal);
const judgeToken = (attempt: Attempt) => decide(attempt, situation(), tokenRefusal);

/** A step in one word or two, for the tables. */
function brief(step: Step<{ outcome: string }>): string {
  if (step.do === 'answer') return step.answer.outcome;
  return step.do === 'fail' ? step.error : `again${step.renewToken ? ' with a new token' : ''}`;
}

describe('what an attempt leads to', () => {
  test.each<[string, Attempt, string]>([
    ['200 JSON', answered(200, { id: 'abc' }), 'ok'],
    ['200 HTML', answered(200, '<html>maintenance</html>'), 'again'],
    ['200 empty body', answered(200, ''), 'again'],
    ['200 truncated JSON', answered(200, '{"items":[1,'), 'again'],
    ['204 without a body', answered(204, ''), 'again'],
    ['302', answered(302, ''), 'SpotifyUnavailableError'],
    ['400', apiError(400, 'Invalid limit'), 'ContractError'],
    ['401', apiError(401, 'The access token expired'), 'again with a new token'],
    ['403 not yours', apiError(403, 'Forbidden'), 'forbidden'],
    ['403 without a body', answered(403, ''), 'forbidden'],
    [
      '403 owner without Premium',
      apiError(403, 'Active premium subscription required for the owner of the app.'),
      'SpotifyAuthError',
    ],
    [
      '403 user not on the allow-list',
      apiError(403, 'Check settings on developer.spotify.com/dashboard, the user may not be registered.'),
      'SpotifyAuthError',
    ],
    [
      '403 allow-list, as bare text',
      answered(403, 'User not registered in the Developer Dashboard'),
      'SpotifyAuthError',
    ],
    ['403 HTML from a gateway', answered(403, '<html>blocked</html>'), 'again'],
    ['404', apiError(404, 'Resource not found'), 'gone'],
    ['404 HTML from a gateway', answered(404, '<html>no route</html>'), 'again'],
    ['405', apiError(405, 'Method not allowed'), 'ContractError'],
    ['408', answered(408, ''), 'again'],
    ['418', answered(418, 'teapot'), 'ContractError'],
    ['500', apiError(500, 'Server error'), 'again'],
    ['502 HTML body', answered(502, '<html>Bad Gateway</html>'), 'again'],
    ['503 empty body', answered(503, ''), 'again'],
    ['504', answered(504, ''), 'again'],
    ['520', answered(520, ''), 'again'],
    ['no answer', fault, 'again'],
    ['the token has to wait', { kind: 'held', answer: { outcome: 'wait', retryAt: '', reason: '' } }, 'wait'],
  ])('%s', (_case, attempt, expected) => {
    expect(brief(judge(attempt))).toBe(expected);
  });

  test('a second 401 is the end', () => {
    const attempt = { ...apiError(401, 'no'), wwwAuthenticate: 'Bearer error="invalid_token"' };
    const step = judge(attempt, { renewals: 1 });
    expect(step).toMatchObject({ do: 'fail', error: 'SpotifyAuthError' });
    expect(step).toHaveProperty('message', expect.stringContaining('invalid_token'));
  });
});

describe('the token endpoint', () => {
  test.each<[string, Attempt, string]>([
    ['invalid_grant', tokenError(400, 'invalid_grant', 'Refresh token expired'), 'SpotifyAuthError'],
    ['invalid_client', tokenError(400, 'invalid_client', 'Invalid client'), 'SpotifyAuthError'],
    ['invalid_client as 401', tokenError(401, 'invalid_client'), 'SpotifyAuthError'],
    ['unsupported_grant_type', tokenError(400, 'unsupported_grant_type'), 'ContractError'],
    ['404', answered(404, 'not here'), 'ContractError'],
    ['503', answered(503, 'upstream'), 'again'],
    ['500 server_error', tokenError(500, 'server_error'), 'again'],
    ['429', answered(429, ''), 'again'],
  ])('%s', (_case, attempt, expected) => {
    expect(brief(judgeToken(attempt))).toBe(expected);
  });
});

describe('faults', () => {
  test.each([
    [0, 1_000],
    [1, 2_000],
    [2, 4_000],
    [3, 8_000],
    [4, 16_000],
  ])('after %i earlier ones the wait is anything up to %i ms', (faults, ceiling) => {
    expect(judge(fault, { faults }, 0)).toMatchObject({ do: 'again', afterMs: 0, progress: { faults: faults + 1 } });
    expect(judge(fault, { faults }, 0.5)).toMatchObject({ afterMs: ceiling / 2 });
    expect(judge(fault, { faults }, 0.9999999)).toMatchObject({ afterMs: ceiling });
  });

  test('the sixth is the end, and the error tells what happened', () => {
    const step = judge(fault, { faults: 5, waits: 2 });
    expect(step).toMatchObject({ do: 'fail', error: 'SpotifyUnavailableError', cause: { message: 'ECONNRESET' } });
    const message = step.do === 'fail' ? step.message : '';
    for (const part of ['GET /v1/playlists/abc', '8 attempts', 'ECONNRESET']) expect(message).toContain(part);
  });

  test('an answer is quoted on one line, cut short', () => {
    const step = judge(answered(502, `<html>\n  ${'x'.repeat(5_000)}`), { faults: 5 });
    const message = step.do === 'fail' ? step.message : '';
    expect(message).toContain('502 <html> xxx');
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(400);
  });
});

describe('429', () => {
  const limited = (retryAfter: string | null) => answered(429, { error: { message: 'API rate limit' } }, retryAfter);
  const quota = (retryAfter: string | null) =>
    answered(429, { error: { status: 429, message: 'Quota', reason: 'QUOTA_EXCEEDED' } }, retryAfter);

  test.each([
    ['1 s', '1', 1_000],
    ['30 s', '30', 30_000],
    ['60 s', '60', 60_000],
    ['no Retry-After', null, 5_000],
    ['a date', 'Mon, 23 Nov 2026 03:00:20 GMT', 20_000],
    ['nonsense', 'NaN', 5_000],
    ['negative', '-1', 5_000],
  ])('%s: waited in place, with up to half a second on top, not counted as a fault', (_case, header, ms) => {
    const progress = { faults: 0, waits: 1, askedMs: ms, renewals: 0 };
    expect(judge(limited(header), {}, 0)).toMatchObject({ do: 'again', afterMs: ms, progress });
    expect(judge(limited(header), {}, 0.9999)).toMatchObject({ do: 'again', afterMs: ms + 500, progress });
  });

  test.each([
    ['61 s', limited('61'), {}, '2026-11-23T03:01:01Z'],
    ['3,600 s', limited('3600'), {}, '2026-11-23T04:00:00Z'],
    ['86,400 s', limited('86400'), {}, '2026-11-24T03:00:00Z'],
    ['a date in an hour', limited('Mon, 23 Nov 2026 04:00:00 GMT'), {}, '2026-11-23T04:00:00Z'],
    ['a year', limited('31536000'), {}, '2026-11-30T03:00:00Z'],
    ['the sixth short one', limited('1'), { waits: 5, askedMs: 5_000 }, '2026-11-23T03:00:30Z'],
    ['more than 120 s together', limited('40'), { waits: 3, askedMs: 90_000 }, '2026-11-23T03:00:40Z'],
    ['QUOTA_EXCEEDED, however short', quota('1'), {}, '2026-11-23T03:00:01Z'],
    ['QUOTA_EXCEEDED, a day', quota('86400'), {}, '2026-11-24T03:00:00Z'],
    ['QUOTA_EXCEEDED without Retry-After', quota(null), {}, '2026-11-23T04:00:00Z'],
  ])('%s: handed to the Wait state', (_case, attempt, progress, retryAt) => {
    expect(judge(attempt, progress)).toMatchObject({ do: 'answer', answer: { outcome: 'wait', retryAt } });
  });

  test('retryAt is in whole seconds and never before the time', () => {
    const step = decide(limited('61'), { ...situation(), now: NOW + 1 }, apiRefusal);
    expect(step).toMatchObject({ answer: { retryAt: '2026-11-23T03:01:02Z' } });
  });

  test('120 s together is still waited in place', () => {
    expect(judge(limited('60'), { waits: 1, askedMs: 60_000 })).toMatchObject({ do: 'again' });
  });
});
