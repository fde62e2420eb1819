/** The image that is given out: it boots to its page, and holds nothing that would let anyone in. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { walk } from '../../image/engine/tree.ts'
import { run } from '../../image/spawn.ts'
import { bootable, imageTools, type Bootable } from './built.ts'
import { Guest } from './guest.ts'

describe('the release image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bt-release-'))
  let built: Bootable
  let guest: Guest

  before(async () => {
    built = await bootable({ profile: 'release' })
    guest = await Guest.make(built)
    await guest.start()
  })
  after(async () => {
    await guest?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  it('boots, and its page tells what runs', async () => {
    await guest.up()
    const { status, body } = await guest.page('/api/status')
    assert.equal(status, 200)
    const told = JSON.parse(body) as { version: string; slot: string }
    assert.equal(told.version, built.version)
    assert.equal(told.slot, 'a')
  })

  it('holds no shell, and nothing to log in with', async () => {
    const { bin } = await imageTools()
    const root = join(folder, 'root')
    await run(join(bin, 'fsck.erofs'), [`--extract=${root}`, join(built.folder, 'root.erofs')])
    const files = walk(join(root, 'usr')).map(({ path }) => path)
    assert.ok(files.includes('bin/blocktree'), `${files.length} files seen`)
    const shells = /(?:^|\/)(?:(?:ba|da)?sh|busybox|agetty|(?:su)?login)$|blocktree-console/
    assert.deepEqual(
      files.filter(path => shells.test(path)),
      [],
    )
  })

  it('switches itself off when the power button is pressed', async () => {
    assert.deepEqual(await guest.shutdown(), { how: 'guest', reason: 'guest-shutdown' })
  })
})
