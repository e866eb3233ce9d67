import * as z from 'zod';
import { SpotifyAuthError, SpotifyUnavailableError } from '../../../functions/domain/errors.ts';
import type { Attempt, Client } from './pkce.ts';

const TokenSchema = z.object({ refresh_token: z.string().min(1), scope: z.string().optional() });
const RefusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });
const TIMEOUT_MS = 30_000;

/**
 * The refresh token for a code, once: Spotify takes a code a single time. Throws SpotifyAuthError with Spotify's words,
 * SpotifyUnavailableError when there were none. What the answer holds is never shown.
 */
export async function refreshTokenFor(code: string, client: Client, { verifier }: Attempt): Promise<string> {
  const { clientId, redirectUri, accountsUrl } = client;
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    client_id: clientId,
    code_verifier: verifier,
  };
  const { status, json } = await post(`${accountsUrl}/api/token`, form);
  const token = TokenSchema.safeParse(json);
  if (status === 200 && token.success) return token.data.refresh_token;
  const refusal = RefusalSchema.safeParse(json);
  if (status < 500 && refusal.success) {
    const { error, error_description: description } = refusal.data;
    throw new SpotifyAuthError(`Spotify refuses the consent: ${[error, description].filter(Boolean).join(', ')}`);
  }
  throw new SpotifyUnavailableError(
    `Spotify's token endpoint answered ${status} without a token. Run npm run auth again.`,
  );
}

async function post(url: string, form: Record<string, string>): Promise<{ status: number; json: unknown }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const json: unknown = await response.json().catch(() => undefined);
    return { status: response.status, json };
  } catch (cause) {
    throw new SpotifyUnavailableError(`${new URL(url).origin} cannot be reached. Check the network.`, { cause });
  }
}
