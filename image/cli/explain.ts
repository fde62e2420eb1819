/** What the CLI says of an error: one line of what happened and what to do, the stack on request. */
export type Explanation = {
  /** The error's own code, or `INTERNAL` for one nobody foresaw. */
  readonly code: string
  readonly lines: readonly string[]
  readonly exit: 1 | 2
}

/** What to do about errors of the system that can reach a person from anywhere. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space (bt clean removes what can be made again)',
  EDQUOT: 'the disk quota is used up: free some space (bt clean removes what can be made again)',
  EROFS: 'the file system is read-only: BT_BUILD and BT_CACHE name folders that are not',
  EACCES: 'no permission: bt needs no root, but its folders must be yours',
  EMFILE: 'too many open files: raise the limit with ulimit -n 4096',
}

export function isAbort(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: string; code?: string }
  return name === 'AbortError' || code === 'ABORT_ERR' || code?.endsWith('_ABORTED') === true
}

/** The system's error that a program of a step, or another one we called, has put into words. */
function inWords(message: string): string {
  if (/\bENOSPC\b|No space left on device/.test(message)) return 'ENOSPC'
  return /\bEDQUOT\b|Disk quota exceeded/.test(message) ? 'EDQUOT' : ''
}

export function explain(error: unknown, debug: boolean): Explanation {
  const thrown: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error))
  const { message, code, stack } = thrown
  const [first = '', ...more] = message.trimEnd().split('\n')
  const lines = [first, ...more.map(line => `    ${line}`)]
  const hint = SYSTEM[SYSTEM[code ?? ''] === undefined ? inWords(message) : code!]
  if (hint !== undefined) lines.push(`    ${hint}`)
  if (typeof code !== 'string') {
    lines[0] = `internal error: ${lines[0]}`
    if (!debug) lines.push('    BT_DEBUG=1 shows where; please report it')
  }
  if (debug && stack !== undefined) lines.push(stack)
  // By code, not class: every verb's bundle has a class of its own.
  return { code: code ?? 'INTERNAL', lines, exit: code?.startsWith('USAGE_') === true ? 2 : 1 }
}
