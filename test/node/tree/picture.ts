/** What is in a tree, to be compared with a model. */
import assert from 'node:assert/strict'
import type { Tree } from '../../../node/tree/tree.ts'

/** All there is: paths with kind, mode, content or target, and links. */
export async function picture(tree: Tree, path: string): Promise<unknown[]> {
  const all: unknown[] = []
  for (const { name, kind } of await tree.list(path)) {
    const at = `${path}/${name}`
    const { mode, links, target, size } = await tree.stat(at, { follow: false })
    if (kind === 'directory') all.push([at, mode], ...(await picture(tree, at)))
    else if (kind === 'symlink') all.push([at, target])
    else {
      const bytes = await tree.readFile(at)
      assert.equal(bytes.length, size)
      all.push([at, mode, links, Buffer.from(bytes).toString('base64')])
    }
  }
  return all
}
