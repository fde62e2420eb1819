/** A release that can't start gives way to the one in the other slot, after three tries. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { bootable, imageTools, type Bootable } from './built.ts'
import { flipByte, installInB } from './disk.ts'
import { Guest } from './guest.ts'

/** The version before: what slot b holds. */
const OLDER = '0.0.9'

describe('slot a is broken', () => {
  let older: Bootable
  let guest: Guest

  before(async () => {
    const built = await bootable()
    older = await bootable({ version: OLDER })
    guest = await Guest.make(built)
    await installInB(guest.disk, older, (await imageTools()).bin)
    // The first block holds the superblock: the slot does not even open.
    flipByte(guest.disk, 'root-a', 1024)
  })
  after(() => guest?.remove())

  it('is tried three times, then slot b boots', async () => {
    await guest.start()
    await guest.up()
    assert.equal(guest.resets, 3)
    assert.equal(await guest.ok('cat /run/blocktree/slot'), 'b')
    assert.equal(await guest.ok('. /etc/os-release; echo $IMAGE_VERSION'), OLDER)
    assert.equal(await guest.ok('systemctl is-system-running --wait'), 'running')
  })

  it('stays on slot b at the next boot, at once', async () => {
    assert.deepEqual(await guest.shutdown(), { how: 'guest', reason: 'guest-shutdown' })
    await guest.start()
    await guest.up()
    assert.equal(guest.resets, 0)
    assert.equal(await guest.ok('cat /run/blocktree/slot'), 'b')
  })
})
