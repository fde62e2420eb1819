/** A tree for benches, in a folder of its own that is removed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plant, type Planted } from '../node/tree/planted.ts'

export async function withTree<T>(work: (planted: Planted) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tree-bench-'))
  try {
    const planted = await plant({ folder })
    try {
      return await work(planted)
    } finally {
      await planted.end()
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
