/** The command line is not of the form asked for: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError' as const;
}

/** Something outside is not as it has to be; the message is complete, with the remedy: exit code 1. */
export class CommandError extends Error {
  override name = 'CommandError' as const;
}

const SPOKEN = ['UsageError', 'CommandError', 'ConfigError', 'InvalidInputError', 'LakeStateError'];

/** Whether the message was written for the person at the terminal. */
export const isCommandError = (error: unknown): error is Error => Error.isError(error) && SPOKEN.includes(error.name);

/** A wrong command line or configuration is 2, every other failure 1. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  Error.isError(error) && ['UsageError', 'ConfigError', 'InvalidInputError'].includes(error.name) ? 2 : 1;
