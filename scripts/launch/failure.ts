/** Why nothing can be started, in one sentence for whoever typed the command; 78 (EX_CONFIG of sysexits.h) says that trying again will not help. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly exitCode: number;

  constructor(sentence: string, exitCode = 1) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

const SENTENCES: Record<string, string> = {
  ENOSPC: 'The disk is full',
  EDQUOT: 'The disk quota is used up',
  EACCES: 'Permission is missing',
  EPERM: 'Permission is missing',
  EROFS: 'The file system is read-only',
};

/** The sentence for an error that a user can do something about; others come back as they are, for they are bugs. */
export function asStartFailure(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const { code, path } = error as NodeJS.ErrnoException;
  const what = SENTENCES[String(code)];
  return what ? new StartFailure(`${what}${path ? `: cannot write ${path}` : ` (${error.message})`}.`) : error;
}

/** Prints why and ends the process. */
export function exitWith(error: unknown): never {
  const known = asStartFailure(error);
  console.error(known instanceof StartFailure ? known.message : known);
  process.exit(known instanceof StartFailure ? known.exitCode : 1);
}
