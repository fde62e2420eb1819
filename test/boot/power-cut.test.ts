/** Power that goes away while the machine boots, also for the very first time, does no harm. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { bootable } from './built.ts'
import { Guest } from './guest.ts'

/**
 * When the plug is pulled: after so many bytes written to the disk. The boot loader writes the first
 * (it counts the attempt), then the data partition is made, then it is filled.
 */
const MOMENTS = [1, 64 * 1024, 2 ** 20, 8 * 2 ** 20]

describe('a power cut during boot', () => {
  let guest: Guest
  before(async () => {
    guest = await Guest.make(await bootable())
  })
  after(() => guest?.remove())

  for (const bytes of MOMENTS)
    it(`happens after ${bytes} bytes were written`, async () => {
      await guest.start()
      const written = await guest.wrote(bytes)
      assert.ok(written >= bytes)
      await guest.powerCut()
    })

  it('is followed by a boot in which everything works', async () => {
    await guest.start()
    await guest.up()
    assert.equal(await guest.ok('systemctl is-system-running --wait'), 'running')
    assert.equal(await guest.ok('cat /run/blocktree/slot'), 'a')
    await guest.ok('echo data >/var/lib/file && sync && cat /var/lib/file')
  })
})
