/** The tree that paths are in, with words for the one that is not there yet. */
import { DirError } from '../dir/error.ts'
import type { NodeDirectory } from '../dir/open.ts'
import type { Tree } from '../tree/tree.ts'

const OWN = /^\/(ROOT|root)(\/|$)/

/** Gives the tree; throws `DIR_ROOT_MISSING` when a path is in the node's own, and it has none. */
export function atPaths(directory: NodeDirectory): (...paths: readonly string[]) => Tree {
  return (...paths) => {
    if (directory.root === undefined && paths.some(path => OWN.test(path)))
      throw new DirError(
        'DIR_ROOT_MISSING',
        'this node has no tree of its own yet: blocktree root create makes one',
      )
    return directory.tree
  }
}
