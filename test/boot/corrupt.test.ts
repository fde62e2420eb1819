/** A root that was changed on the disk is never read as if it were whole. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { bootable } from './built.ts'
import { flipByte } from './disk.ts'
import { Guest } from './guest.ts'

describe('a flipped byte in the root', () => {
  let guest: Guest

  before(async () => {
    const built = await bootable()
    // Far from what a boot reads first: in the middle of the files.
    const middle = Math.floor(statSync(join(built.folder, 'root.erofs')).size / 2)
    guest = await Guest.make(built, { prepare: disk => flipByte(disk, 'root-a', middle) })
  })
  after(() => guest?.remove())

  it('stops the machine the moment it is read', async () => {
    await guest.start()
    const panic = guest.panic()
    // Whether the boot itself needs that byte or only we do: it must never come out.
    const read = guest.sh('dd if=/dev/mapper/root of=/dev/null bs=1048576')
    const first = await Promise.race([panic, read.then(({ status }) => status)])
    assert.notEqual(first, 0, 'the root was read to its end')
    read.catch(() => {})
    assert.match(await panic, /dm-verity/)
  })
})
