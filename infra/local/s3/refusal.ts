/** What S3 would answer instead of doing it: `code` becomes the name of the SDK's error. Never a status it retries. */
export class Refusal extends Error {
  override name = 'Refusal' as const;
  readonly statusCode: number;
  readonly code: string;

  constructor(statusCode: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.statusCode = statusCode;
    this.code = code;
  }
}

const PERMISSION = [403, 'AccessDenied', 'permission denied', 'make it writable for you'] as const;
const FILE_IN_THE_WAY = [409, 'KeyConflict', 'a file stands where a folder has to be', 'move it away'] as const;
const FOLDER_IN_THE_WAY = [409, 'KeyConflict', 'a folder stands where the file has to be', 'move it away'] as const;

type Answer = readonly [statusCode: number, code: string, reason: string, remedy: string];
const ANSWERS: Readonly<Record<string, Answer>> = {
  EACCES: PERMISSION,
  EPERM: PERMISSION,
  // What Node reports for a folder that a read-only file system does not let it make.
  ENOENT: [403, 'AccessDenied', 'the folder cannot be made', 'check that the file system is not read-only'],
  EROFS: [403, 'AccessDenied', 'the file system is read-only', 'choose another folder'],
  ENOSPC: [507, 'InsufficientStorage', 'the disk is full', 'make room and run again'],
  EDQUOT: [507, 'InsufficientStorage', 'your disk quota is used up', 'make room and run again'],
  ENAMETOOLONG: [400, 'KeyTooLongError', 'the name is too long for this file system', 'choose a shorter folder'],
  ENOTDIR: FILE_IN_THE_WAY,
  EEXIST: FILE_IN_THE_WAY,
  EISDIR: FOLDER_IN_THE_WAY,
  ENOTEMPTY: FOLDER_IN_THE_WAY,
};

/** Says in one line what the file system would not do, where, and what a person can change. */
export function refusalOf(error: unknown, path: string): Refusal {
  if (error instanceof Refusal) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const [statusCode, name, reason, remedy] = ANSWERS[code] ?? [400, 'FileSystemError', message, 'check the disk'];
  return new Refusal(statusCode, name, `${reason} at ${path}; ${remedy}`, { cause: error });
}
