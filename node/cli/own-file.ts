/** Errors of the files that a person names on the command line: in words, with the file and what to do. */

/**
 * | code | what is wrong |
 * |---|---|
 * | `FILE_MISSING` | no such file, or no such folder for it |
 * | `FILE_NO_PERMISSION`, `FILE_READ_ONLY` | this user may not; nobody may, on that file system |
 * | `FILE_IS_FOLDER`, `FILE_NO_FOLDER` | a folder where a file is expected; a file where a folder is |
 * | `FILE_NO_ROOM` | the disk, or its quota, is full |
 * | `FILE_NAME` | a name that the file system does not take |
 * | `FILE_FAILED` | the file system failed otherwise |
 */
export type FileCode =
  | 'FILE_MISSING'
  | 'FILE_NO_PERMISSION'
  | 'FILE_READ_ONLY'
  | 'FILE_IS_FOLDER'
  | 'FILE_NO_FOLDER'
  | 'FILE_NO_ROOM'
  | 'FILE_NAME'
  | 'FILE_FAILED'

export class FileError extends Error {
  readonly code: FileCode
  constructor(code: FileCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FileError'
    this.code = code
  }
}

export type Doing = 'read' | 'write'

/** `error` of the file system in words; any other error as it is. */
export function explainFile(file: string, doing: Doing, error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  if (!(error instanceof Error) || syscall === undefined || code === undefined) return error
  const named = (code: FileCode, says: string) => new FileError(code, says, { cause: error })
  switch (code) {
    case 'ENOENT':
      return doing === 'read'
        ? named('FILE_MISSING', `there is no file ${file}: look for a slip in its name`)
        : named('FILE_MISSING', `there is no folder for ${file}: make it first`)
    case 'EACCES':
    case 'EPERM':
      return named(
        'FILE_NO_PERMISSION',
        `no permission to ${doing} ${file}: chmod, or another user`,
      )
    case 'EROFS':
      return named('FILE_READ_ONLY', `${file} is on a read-only file system: name another place`)
    case 'EISDIR':
      return named('FILE_IS_FOLDER', `${file} is a folder, a file expected: name a file in it`)
    case 'ENOTDIR':
      return named('FILE_NO_FOLDER', `a part of ${file} is a file and no folder: correct the path`)
    case 'ENOSPC':
    case 'EDQUOT':
      return named(
        'FILE_NO_ROOM',
        `there is no room left for ${file}: free some, or name another disk`,
      )
    case 'ENAMETOOLONG':
    case 'EINVAL':
    case 'EILSEQ':
      return named('FILE_NAME', `${file} can’t be the name of a file there: name it yourself`)
    default:
      return named('FILE_FAILED', `could not ${doing} ${file}: ${message}`)
  }
}

/** Work on a file of the person's. @throws {FileError} */
export async function withFile<T>(file: string, doing: Doing, work: () => T): Promise<Awaited<T>> {
  try {
    return await work()
  } catch (error) {
    throw explainFile(file, doing, error)
  }
}

/** The bytes of a file of the person's. @throws {FileError} */
export async function* partsOf(
  file: string,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* source
  } catch (error) {
    throw explainFile(file, 'read', error)
  }
}
