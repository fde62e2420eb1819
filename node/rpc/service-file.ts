/** `file.*`, `lease.*` and `watch.open`: files and directories. */
import { once } from 'node:events'
import type { NodeDirectory } from '../dir/open.ts'
import { atPaths } from './at-paths.ts'
import { Cursors } from './cursors.ts'
import type { Service } from './protocol.ts'

type FileMethod = Exclude<
  Extract<keyof Service, `file.${string}` | `lease.${string}` | `watch.${string}`>,
  'file.versions' | 'file.keep'
>

/** Bytes that are read at once, and ahead. */
const CHUNK = 1 << 20

export function fileService(directory: NodeDirectory): Pick<Service, FileMethod> {
  const cursors = new Cursors()
  const at = atPaths(directory)
  return {
    'file.stat': async ({ path, follow = true }) => at(path).stat(path, { follow }),
    'file.list': async ({ path, cursor }) =>
      cursor === undefined ? cursors.first(await at(path).list(path)) : cursors.next(cursor),
    async 'file.read'({ path, offset = 0, length = Infinity, version }, { outgoing, signal }) {
      const tree = at(path)
      const file = await (version === undefined
        ? tree.openFile(path)
        : tree.openVersion(path, version))
      try {
        const { size, generation } = file
        const end = Math.min(size, offset + length)
        const read = (from: number) => file.read(from, Math.min(CHUNK, end - from))
        let coming = offset < end ? read(offset) : undefined
        for (let from = offset; from < end; from += CHUNK) {
          const bytes = await coming!
          signal.throwIfAborted()
          coming = from + CHUNK < end ? read(from + CHUNK) : undefined
          // When nobody takes what was read before, this error is not seen either.
          coming?.catch(() => {})
          await outgoing.write(bytes)
        }
        return { size, generation }
      } finally {
        file.discard()
      }
    },
    async 'file.write'({ path, expected, mode, create, lease }, { incoming, signal }) {
      const stream = await at(path).writeStream(path, {
        ...(expected !== undefined && { generation: expected }),
        ...(mode !== undefined && { mode }),
        ...(create === 'never' && { create: false }),
        ...(create === 'only' && { exclusive: true }),
        ...(lease !== undefined && { lease }),
      })
      try {
        for await (const bytes of incoming) await stream.write(bytes)
        signal.throwIfAborted()
        return await stream.close()
      } finally {
        stream.abort()
      }
    },
    'file.mkdir': async ({ path, parents = false }) => {
      await at(path).mkdir(path, { parents })
      return null
    },
    'file.move': async ({ from, to, replace = true }) => {
      await at(from, to).rename(from, to, { replace })
      return null
    },
    'file.remove': async ({ path, recursive = false }) => ({
      removed: await at(path).remove(path, { recursive }),
    }),
    'file.link': async ({ path, to }) => {
      await at(path, to).link(path, to)
      return null
    },
    'file.symlink': async ({ path, target }) => {
      await at(path).symlink(target, path)
      return null
    },
    'file.attributes': async ({ path, ...change }) => {
      await at(path).setAttributes(path, change)
      return null
    },
    'lease.take': async ({ path, ms }) => at(path).lease(path, ms),
    'lease.renew': async ({ path, token, ms }) => at(path).renewLease(path, token, ms),
    'lease.release': async ({ path, token }) => {
      await at(path).releaseLease(path, token)
      return null
    },
    async 'watch.open'({ path, watch }, { notice, signal }) {
      const end = await at(path).watch(path, ({ path, what }) => {
        notice('watch.changed', { watch, path, what }).catch(() => {})
      })
      try {
        if (!signal.aborted) await once(signal, 'abort')
        throw signal.reason
      } finally {
        end()
      }
    },
  }
}
