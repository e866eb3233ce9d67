import type { AnsweredAttempt, FailureName, Situation, SpotifyRefusal, Step } from './spotify-answer.ts';
import { errorMessage, excerpt, tokenErrorOf } from './spotify-error-body.ts';

const fail = (error: FailureName, message: string): Step<never> => ({ do: 'fail', error, message });

function afterUnauthorized(answer: AnsweredAttempt, { call, progress }: Situation): Step<never> {
  if (progress.renewals === 0) {
    const why = '401, the access token is not accepted';
    return { do: 'again', afterMs: 0, renewToken: true, why, progress: { ...progress, renewals: 1 } };
  }
  const detail = answer.wwwAuthenticate ? excerpt(answer.wwwAuthenticate) : errorMessage(answer);
  return fail('SpotifyAuthError', `${call}: Spotify refuses a fresh access token too: ${detail}. Consent again.`);
}

/** One status with four meanings, told apart by the message alone. Two concern the app, so no playlist can be read. */
function afterForbidden(answer: AnsweredAttempt, { call }: Situation): Step<SpotifyRefusal> {
  const reason = errorMessage(answer);
  if (/premium/i.test(reason)) {
    const remedy = 'The owner of the Spotify app needs an active Premium subscription.';
    return fail('SpotifyAuthError', `${call}: ${reason} ${remedy}`);
  }
  if (/registered/i.test(reason)) {
    const remedy = 'Add the user who consented to the app under User Management in the developer dashboard.';
    return fail('SpotifyAuthError', `${call}: ${reason} ${remedy}`);
  }
  return { do: 'answer', answer: { outcome: 'forbidden', reason } };
}

/** What a 4xx of the Web API means. */
export function apiRefusal(answer: AnsweredAttempt, situation: Situation): Step<SpotifyRefusal> {
  if (answer.status === 401) return afterUnauthorized(answer, situation);
  if (answer.status === 403) return afterForbidden(answer, situation);
  const reason = errorMessage(answer);
  if (answer.status === 404) return { do: 'answer', answer: { outcome: 'gone', reason } };
  return fail('ContractError', `${situation.call}: Spotify refuses the request with ${answer.status}: ${reason}`);
}

/** What a 4xx of the token endpoint means. None is worth another try: only a person can change the credentials. */
export function tokenRefusal(answer: AnsweredAttempt, { call }: Situation): Step<never> {
  const { code, description } = tokenErrorOf(answer);
  const said = description ? `${code}, ${description}` : code;
  if (code === 'invalid_grant') {
    const meaning = 'The consent has expired (after six months) or was revoked: a person must consent again.';
    return fail('SpotifyAuthError', `${call}: ${said}. ${meaning}`);
  }
  if (code === 'invalid_client') {
    return fail('SpotifyAuthError', `${call}: ${said}. Check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET.`);
  }
  return fail('ContractError', `${call}: refused with ${answer.status}: ${said || excerpt(answer.text)}`);
}
