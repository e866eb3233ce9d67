import type { AnsweredAttempt, FailureName, Situation, SpotifyRefusal, Step } from './spotify-answer.ts';
import { errorMessage, excerpt, tokenErrorOf } from './spotify-error-body.ts';

const fail = (error: FailureName, message: string): Step<never> => ({ do: 'fail', error, message });

function afterUnauthorized(answer: AnsweredAttempt, { call, progress }: Situation): Step<never> {
  if (progress.renewals === 0) {
    const why = '401, the access token is not accepted';
    return { do: 'again', afterMs: 0, renewToken: true, why, progress: { ...progress, renewals: 1 } };
  }
  const detail = answer.wwwAuthenticate ? excerpt(answer.wwwAuthenticate) : errorMessage(answer);
  return fail(
    'SpotifyAuthError',
    `${call}: Spotify refuses a fresh access token too: ${detail}. Consent again: npm run auth`,
  );
}

/**
 * What a 403 can mean. The first two concern the app, so no playlist can be read; the others one call. The last one is
 * that of a consent that was not asked for by `npm run auth`: it says "Insufficient client scope".
 */
export type ForbiddenMeaning = 'no_premium' | 'not_registered' | 'not_yours' | 'endpoint_gone' | 'no_scope';

/** What a person can do about each. */
export const FORBIDDEN_REMEDIES: Readonly<Record<ForbiddenMeaning, string>> = {
  no_premium: 'The owner of the Spotify app needs an active Premium subscription.',
  not_registered: 'Add the user who consented to the app under User Management in the developer dashboard.',
  not_yours: 'Consent as a user who owns the playlist or collaborates on it, or take it out of the configuration.',
  endpoint_gone: 'Apps made since February 2026 do not have this endpoint. Update Playlist Lake.',
  no_scope: 'The consent does not cover this. Consent again: npm run auth',
};

/** One status with several meanings, told apart by the message, and the last two by the path that was asked for. */
export function meaningOfForbidden(path: string, reason: string): ForbiddenMeaning {
  if (/premium/i.test(reason)) return 'no_premium';
  if (/registered/i.test(reason)) return 'not_registered';
  if (/scope/i.test(reason)) return 'no_scope';
  return /^(GET )?\/v1\/playlists\/[^/]+(\/items)?$/.test(path.replace(/\?.*$/, '')) ? 'not_yours' : 'endpoint_gone';
}

function afterForbidden(answer: AnsweredAttempt, { call }: Situation): Step<SpotifyRefusal> {
  const reason = errorMessage(answer);
  const meaning = meaningOfForbidden(call, reason);
  if (meaning === 'no_premium' || meaning === 'not_registered') {
    return fail('SpotifyAuthError', `${call}: ${reason} ${FORBIDDEN_REMEDIES[meaning]}`);
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
    const meaning =
      'The consent has expired (after six months) or was revoked: a person must consent again: npm run auth';
    return fail('SpotifyAuthError', `${call}: ${said}. ${meaning}`);
  }
  if (code === 'invalid_client') {
    return fail('SpotifyAuthError', `${call}: ${said}. Check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET.`);
  }
  return fail('ContractError', `${call}: refused with ${answer.status}: ${said || excerpt(answer.text)}`);
}
