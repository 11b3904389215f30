/** Why nothing can be started, in one sentence for whoever typed the command; 78 (EX_CONFIG of sysexits.h) says that trying again will not help. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly exitCode: number;

  constructor(sentence: string, exitCode = 1) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

/** Whether a program's words mean that: libc and Go speak of the device, SQLite of the disk. */
export const saysDiskFull = (words: string) => /no space left on device|disk is full/i.test(words);

const SENTENCES: Record<string, string> = {
  ENOSPC: 'The disk is full',
  EDQUOT: 'The disk quota is used up',
  EFBIG: 'A file may not grow that large',
  EACCES: 'Permission is missing',
  EPERM: 'Permission is missing',
  EROFS: 'The file system is read-only',
};

/**
 * The sentence for an error that a user can do something about; others come back as they are, for they are bugs.
 * @param at where was written, if the error does not know
 */
export function asStartFailure(error: unknown, at?: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const { code, path = at } = error as NodeJS.ErrnoException;
  const what = SENTENCES[saysDiskFull(error.message) ? 'ENOSPC' : String(code)];
  return what ? new StartFailure(`${what}${path ? `: cannot write ${path}` : ` (${error.message})`}.`) : error;
}

/** Prints why and ends the process. */
export function exitWith(error: unknown): never {
  const known = asStartFailure(error);
  console.error(known instanceof StartFailure ? known.message : known);
  process.exit(known instanceof StartFailure ? known.exitCode : 1);
}
