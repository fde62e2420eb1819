/** `node.*` and `root.*`: who the node is, and the key that owns its tree. */
import { adoptRoot, rootFile, rootHere, rotateRoot } from '../dir/root.ts'
import type { NodeDirectory } from '../dir/open.ts'
import type { Service } from './protocol.ts'

type RootMethod = Extract<keyof Service, `node.${string}` | `root.${string}`>

export function rootService(
  directory: NodeDirectory,
  connections: () => number,
): Pick<Service, RootMethod> {
  const { principal } = directory
  return {
    'node.status': async () => {
      const { root, store, keys } = directory
      return {
        principal,
        ...(root !== undefined && { root }),
        pid: process.pid,
        connections: connections(),
        store: store.status,
        keys: keys.counts,
      }
    },
    'node.record': async () => ({
      principal,
      record: Buffer.from(directory.credentials.record).toString('base64url'),
    }),
    'node.collect': async (_, { signal }) => directory.store.collect({ signal }),
    'root.show': async () => {
      const { root } = directory
      return { ...(root !== undefined && { principal: root }), ...rootHere(directory) }
    },
    'root.file': async () => ({ file: rootFile(directory) }),
    'root.adopt': async ({ phrase, generation, file, tree }) => ({
      principal: await adoptRoot(directory, { phrase, generation, file }, tree),
    }),
    'root.rotate': async handed => {
      const generation = await rotateRoot(directory, handed)
      return { principal: directory.root!, generation }
    },
  }
}
