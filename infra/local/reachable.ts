import { SpotifyUnavailableError } from '../../functions/domain/errors.ts';

/** Nobody is there, or there is no network. Anything else may pass, and the machine's patience is for it. */
const NOBODY_THERE = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN']);

/**
 * A person at a terminal should hear at once that there is no network; the machine would try for more than a minute.
 * Any answer will do. Throws SpotifyUnavailableError.
 */
export async function checkReachable(url: string): Promise<void> {
  try {
    const { body } = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(5_000) });
    await body?.cancel();
  } catch (cause) {
    const code = codeOf((cause as Error).cause);
    if (!NOBODY_THERE.has(code)) return;
    throw new SpotifyUnavailableError(`${url} cannot be reached (${code}). Check the network.`, { cause });
  }
}

/** A host with several addresses fails with an error for each. */
function codeOf(error: unknown): string {
  const { code, errors } = (error ?? {}) as { code?: string; errors?: unknown[] };
  return code ?? (errors?.length ? codeOf(errors[0]) : '');
}
