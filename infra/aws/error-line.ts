import { isCommandError } from './command-error.ts';

/** Errors of every AWS service, and of the SDK before it reaches one, as one line that says what to do. */

/** An error as far as it is of use here. SDK errors have their code in `name`, Node's system errors in `code`. */
type Thrown = Error & { readonly code?: unknown; readonly hostname?: unknown };

export interface Asked {
  /** What to type to see the permissions: `npm run status -- --help`. */
  readonly help: string;
  /** The profile that was chosen. */
  readonly profile: string | undefined;
}

const one = (...names: string[]) => new Set(names);
const EXPIRED = one('ExpiredToken', 'ExpiredTokenException', 'RequestExpired');
const REFUSED_KEY = one(
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'InvalidAccessKeyId',
  'AuthFailure',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
);
const DENIED = one('AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'UnauthorizedException');
const SLOW_DOWN = one('Throttling', 'ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded');
const NO_HOST = one('ENOTFOUND', 'EAI_AGAIN');
const NO_CONNECTION = one('ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE');

const LOG_IN = 'log in (aws sso login, aws login or aws configure), or name a profile by AWS_PROFILE or --profile';

/** One line, without a stack trace. */
export function errorLine(error: unknown, asked: Asked): string {
  if (isCommandError(error)) return oneLine(error.message);
  if (!Error.isError(error)) return oneLine(String(error));
  return oneLine(explain(error as Thrown, asked) ?? `${error.name}: ${error.message}`);
}

function explain(error: Thrown, { help, profile }: Asked): string | undefined {
  const { name, message } = error;
  const code = String(error.code ?? '');
  if (/^Region (is missing|not accepted)/i.test(message)) {
    return 'No AWS region is set, or it is none: set AWS_REGION, for example AWS_REGION=eu-central-1, or give --region.';
  }
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return noCredentials(message, profile);
  if (EXPIRED.has(name)) return `The AWS session has expired: ${LOG_IN}.`;
  if (REFUSED_KEY.has(name)) {
    return `AWS does not accept the credentials (${name}): the key may be wrong or deleted, the clock of this machine may be off, or the region may not be enabled in the account.`;
  }
  if (DENIED.has(name)) return denied(message, help);
  if (SLOW_DOWN.has(name)) return `AWS asks to slow down (${name}): try again in a minute.`;
  if (NO_HOST.has(code)) {
    return `${error.hostname ?? 'AWS'} is not found: check the network and whether the region exists.`;
  }
  if (NO_CONNECTION.has(code) || name === 'TimeoutError') {
    return `AWS cannot be reached (${code || message}): check the network, proxy and region.`;
  }
  return undefined;
}

function noCredentials(message: string, profile: string | undefined): string {
  if (/expired|invalid.*(token|session)|sso login/i.test(message)) return `The AWS session has expired: ${LOG_IN}.`;
  const which = profile ? ` in profile ${profile}` : '';
  return `No AWS credentials were found${which}: ${LOG_IN}.`;
}

/** IAM's usual words: "User: ARN is not authorized to perform: ACTION on resource: ARN because …". */
function denied(message: string, help: string): string {
  const [, action] = /perform:? ([\w-]+:\w+)/.exec(message) ?? [];
  const [, who] = /(?:User: )?(arn:\S+) is not authorized/.exec(message) ?? [];
  const [, resource] = /on resource:? (\S+?)[,.]?(?:\s|$)/.exec(message) ?? [];
  if (!action) return `AWS denies access (${message}). What this command needs: ${help}`;
  const on = resource && resource !== '*' ? ` on ${resource}` : '';
  return `${who ?? 'This user'} is not allowed ${action}${on}. What this command needs: ${help}`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
