import { type Answer, json, refusal } from './answer.ts';

export interface TokenDesk {
  /** Answers `POST /api/token`. Any client and any refresh token will do: there is nothing here to protect. */
  grant(contentType: string | undefined, body: string): Answer;
  /** The 401 for a missing or unknown bearer token; undefined when this desk handed the token out. */
  refuse(authorization: string | undefined): Answer | undefined;
}

const GRANTS = ['client_credentials', 'refresh_token'];
const LIFETIME_SECONDS = 3600;

/** Tokens are numbered, not random: a demo run is the same every time. They do not expire while the demo runs. */
export function openTokenDesk(): TokenDesk {
  const handedOut = new Set<string>();
  return {
    grant(contentType, body) {
      if (contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
        return tokenRefusal('invalid_request', 'Content-Type must be application/x-www-form-urlencoded');
      }
      const grant = new URLSearchParams(body).get('grant_type');
      if (!grant) return tokenRefusal('unsupported_grant_type', 'grant_type parameter is missing');
      if (!GRANTS.includes(grant)) {
        return tokenRefusal('unsupported_grant_type', `grant_type must be ${GRANTS.join(' or ')}`);
      }
      const token = `demo-access-token-${handedOut.size + 1}`;
      handedOut.add(token);
      return json(200, { access_token: token, token_type: 'Bearer', expires_in: LIFETIME_SECONDS });
    },
    refuse(authorization) {
      const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      if (token !== undefined && handedOut.has(token)) return undefined;
      const message = token === undefined ? 'No token provided' : 'Invalid access token';
      return refusal(401, message, { 'www-authenticate': `Bearer realm="spotify", error_description="${message}"` });
    },
  };
}

const tokenRefusal = (error: string, description: string): Answer =>
  json(400, { error, error_description: description });
