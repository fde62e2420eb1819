/** `access.*`, `check` and versions: who may read and write, and whether all is well. */
import type { NodeDirectory } from '../dir/open.ts'
import { RpcError } from './error.ts'
import type { Service } from './protocol.ts'

type AccessMethod = Extract<
  keyof Service,
  `access.${string}` | 'check' | 'file.versions' | 'file.keep'
>

export function accessService(directory: NodeDirectory): Pick<Service, AccessMethod> {
  const later = async () => {
    throw new RpcError('RPC_METHOD', 'not here yet')
  }
  return {
    'file.versions': later,
    'file.keep': later,
    'access.share': later,
    'access.unshare': later,
    'access.request': later,
    'access.requests': later,
    'access.approve': later,
    'access.deny': later,
    'access.reseal': later,
    async check({ repair = false, progress }, { notice, signal }) {
      const findings: { code: string; says: string; repaired: boolean }[] = []
      const done = await directory.store.check({
        repair,
        signal,
        report: ({ code, message, repaired }) =>
          void findings.push({ code, says: message, repaired }),
        progress: versions => {
          if (progress !== undefined) void notice('progress', { progress, done: versions })
        },
      })
      return { blocks: done.versions, pieces: done.pieces, findings }
    },
  }
}
