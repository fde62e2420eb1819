/** `access.*`, `check` and versions: who may read and write, and whether all is well. */
import { checkDirectory } from '../dir/check.ts'
import type { NodeDirectory } from '../dir/open.ts'
import { principalOf, type Principal } from '../crypto/principal.ts'
import { principalRecord } from '../crypto/principal-record.ts'
import { rememberPrincipal } from '../store/principals.ts'
import { atPaths } from './at-paths.ts'
import { RpcError } from './error.ts'
import { inOwnWords } from './own-words.ts'
import type { Call, Service } from './protocol.ts'

type AccessMethod = Extract<
  keyof Service,
  `access.${string}` | 'check' | 'file.versions' | 'file.keep'
>

export function accessService(directory: NodeDirectory): Pick<Service, AccessMethod> {
  const at = atPaths(directory)
  return {
    'file.versions': async ({ path }) => ({ versions: await at(path).versions(path) }),
    'file.keep': async ({ path, version }) => {
      await at(path).keep(path, version)
      return null
    },
    'access.share': async ({ path, to, write = false, expires, record }) => {
      const signed = await recordOf(directory, to, record)
      const until = expires === undefined ? {} : { expires }
      const shared = await at(path).share(path, signed, { write, ...until })
      return { path: shared.path, ...(shared.expires !== undefined && { expires: shared.expires }) }
    },
    'access.unshare': async ({ path, from }) => {
      await at(path).unshare(path, from)
      return null
    },
    'access.shares': async ({ path }) => ({ shares: await at(path).shares(path) }),
    'access.request': async ({ path, write = false, note }) =>
      at(path).request(path, { write, ...(note !== undefined && { note }) }),
    'access.requests': async () => ({ requests: directory.tree.requests() }),
    'access.approve': async ({ id, expires }) => {
      const { tree } = directory
      const request = tree.requests().find(one => one.id === id)
      const shared = await tree.approve(id, expires === undefined ? {} : { expires })
      return { ...request!, path: shared.path }
    },
    'access.deny': async ({ id }) => directory.tree.deny(id),
    'access.reseal': async ({ path, progress }, { notice, signal }) => {
      const tell = progressTo(notice, progress)
      return at(path).reseal(path, { signal, progress: ({ blocks }) => tell(blocks) })
    },
    check: async ({ repair = false, progress }, { notice, signal }) => {
      const tell = progressTo(notice, progress)
      const { findings, ...checked } = await checkDirectory(directory, {
        repair,
        signal,
        progress: (done, step) => tell(done, step),
      })
      const inWords = findings.map(one => ({ ...one, says: inOwnWords(directory, one.says) }))
      return { ...checked, findings: inWords }
    },
  }
}

/** Tells how far it is, as often as the caller takes it, and nothing when it does not want to know. */
function progressTo(notice: Call['notice'], progress: number | undefined) {
  let isTelling = progress === undefined
  return (done: number, step?: string): void => {
    if (isTelling) return
    isTelling = true
    notice('progress', { progress: progress!, done, ...(step !== undefined && { step }) })
      .finally(() => (isTelling = false))
      .catch(() => {})
  }
}

/**
 * The signed record of `to`: the one given, which is remembered, or one that is known.
 *
 * @throws {RpcError} `RPC_PARAMS` for the record of somebody else, or when none is known.
 */
async function recordOf(
  { store, credentials }: NodeDirectory,
  to: Principal,
  given: string | undefined,
): Promise<Uint8Array> {
  if (given !== undefined) {
    const signed = Buffer.from(given.trim(), 'base64url')
    const of = principalOf(principalRecord.open(signed).sign)
    if (of !== to)
      throw new RpcError('RPC_PARAMS', `the record is of ${of}, expected that of ${to}`)
    await rememberPrincipal(store, signed)
  }
  const known = to === credentials.principal ? credentials.record : store.note('principal', to)
  if (known) return known
  throw new RpcError(
    'RPC_PARAMS',
    `the keys of ${to} are not known here: blocktree principal --record prints them there, ` +
      'share --record FILE takes them here',
  )
}
