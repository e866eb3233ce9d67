import type { Answer } from './answer.ts';

/** Calls until the faults come again. A default run makes about ten calls, so it meets each fault once. */
const PERIOD = 20;
const RATE_LIMITED_CALL = 3;
const BAD_GATEWAY_CALL = 7;

/**
 * What Spotify does to everybody now and then, here by call count so that every run is alike: the 3rd of 20 calls is
 * refused for a second, the 7th meets a broken gateway. Far apart, so that no call fails twice in a row.
 * `call` counts from 1; undefined means that the call is answered.
 */
export function faultOf(call: number): Answer | undefined {
  if (call % PERIOD === RATE_LIMITED_CALL) {
    return {
      status: 429,
      headers: { 'content-type': 'application/json; charset=utf-8', 'retry-after': '1' },
      body: JSON.stringify({ error: { status: 429, message: 'API rate limit exceeded' } }),
    };
  }
  if (call % PERIOD === BAD_GATEWAY_CALL) {
    return {
      status: 502,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n',
    };
  }
  return undefined;
}
