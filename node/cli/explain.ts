/** What the command line says of an error: what happened and what to do, the stack on request. */

export type Explanation = {
  /** The error's own code; of what the node refused, its code there. */
  readonly code: string
  readonly says: readonly string[]
  readonly exit: 1 | 2
}

/** What to do about errors that can reach a person from anywhere. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  EROFS: 'the file system is read-only',
  EACCES: 'no permission: the node directory belongs to another user?',
  STORE_ROLLED_BACK: 'blocktree fsck --accept-rollback opens it all the same, and checks it',
  STORE_FULL: 'blocktree node collect frees what was replaced or removed',
  DIR_MISSING: 'blocktree init makes one, --dir DIR names another',
}

/** Throws `error` again; with what to do about it when its code, or the node's for it, is `code`. */
export function advise(code: string, advice: string): (error: unknown) => never {
  return error => {
    const { code: own, reason = own } = error as { code?: unknown; reason?: unknown }
    throw reason === code ? Object.assign(error as Error, { advice }) : error
  }
}

export function isAbort(error: unknown): boolean {
  return (error as { name?: string } | undefined)?.name === 'AbortError'
}

export function explain(error: unknown, debug: boolean): Explanation {
  const thrown = error instanceof Error ? error : new Error(String(error))
  const { code: own, reason } = thrown as { code?: unknown; reason?: unknown }
  const code = typeof reason === 'string' ? reason : typeof own === 'string' ? own : 'INTERNAL'
  const says = [thrown.message.trimEnd()]
  if (code === 'INTERNAL') {
    says[0] = `internal error: ${says[0]}`
    if (!debug) says.push('    BLOCKTREE_DEBUG=1 shows where; please report it')
  }
  const { advice = ADVICE[code] } = thrown as { advice?: string }
  if (advice !== undefined) says.push(`    ${advice}`)
  if (debug && thrown.stack !== undefined) says.push(thrown.stack)
  return { code, says, exit: code.startsWith('LINE_') ? 2 : 1 }
}
