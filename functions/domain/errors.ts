/**
 * The errors a stage may end with. A literal `name` is an interface: it is the Error of the failed execution, the state
 * machine retries by it, and it has its section in `docs/runbook.md` (a test says so).
 *
 * Outcomes that are expected (a playlist that is gone, a failed check, a long wait) are values, never one of these.
 * A message is one line: the thing, what is wrong with it, and what a person can do.
 */

/** The execution's input, or a command's argument, is not of the form asked for. Retrying cannot help. */
export class InvalidInputError extends Error {
  override name = 'InvalidInputError' as const;
}

/** The configuration or the environment is incomplete or contradicts itself. A person has to change it. */
export class ConfigError extends Error {
  override name = 'ConfigError' as const;
}

/** Spotify refuses the credentials, the user or the app. Never retried: only a person can consent again. */
export class SpotifyAuthError extends Error {
  override name = 'SpotifyAuthError' as const;
}

/** Spotify did not give a usable answer within the bounds. Running again later goes on. */
export class SpotifyUnavailableError extends Error {
  override name = 'SpotifyUnavailableError' as const;
}

/** Data is not what the contract says: a response of an unknown shape, or entries that do not add up to `total`. */
export class ContractError extends Error {
  override name = 'ContractError' as const;
}

/** The lake is not as this stage left it: an object is missing, changed, or cannot be written. */
export class LakeStateError extends Error {
  override name = 'LakeStateError' as const;
}

/** Every error name a stage may end with, for the tests that hold the machine and the runbook against it. */
export const STAGE_ERROR_NAMES = [
  'InvalidInputError',
  'ConfigError',
  'SpotifyAuthError',
  'SpotifyUnavailableError',
  'ContractError',
  'LakeStateError',
] as const;
