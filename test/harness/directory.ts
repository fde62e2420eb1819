/** Node directories for tests: in folders of their own that go away with the test process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportRoot } from '../../node/crypto/root-backup.ts'
import type { Principal } from '../../node/crypto/principal.ts'
import { systemRandom } from '../../node/crypto/random.ts'
import { RootKey } from '../../node/crypto/root-key.ts'
import { initDirectory } from '../../node/dir/init.ts'
import { openDirectory } from '../../node/dir/open.ts'
import { adoptRoot } from '../../node/dir/root.ts'

export const PASSPHRASE = 'correct horse battery staple'

/** scrypt's work factor for backups in tests: a blink instead of a second. */
const QUICK = 10

export type Prepared = {
  readonly path: string
  /** Of the node. */
  readonly principal: Principal
  /** Of its tree. */
  readonly root: Principal
  readonly phrase: string
}

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** An empty folder. */
export function folder(name = 'node'): string {
  const made = mkdtempSync(join(tmpdir(), `blocktree-${name}-`))
  folders.push(made)
  return made
}

/** A node directory with an empty tree of its own. */
export async function prepareNode(path = folder()): Promise<Prepared> {
  const principal = await initDirectory(path, systemRandom)
  const key = RootKey.create(systemRandom)
  const sealed = await exportRoot(key, PASSPHRASE, systemRandom, QUICK)
  const phrase = key.phrase()
  const directory = await openDirectory(path)
  try {
    const handed = { phrase, generation: 0, file: Buffer.from(sealed).toString('latin1') }
    return { path, principal, phrase, root: await adoptRoot(directory, handed, true) }
  } finally {
    await directory.close()
  }
}
