/** The image as it is meant to be: it boots, works, keeps what it should, and switches itself off. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Variant } from '../../image/recipe/context.ts'
import { bootable, type Bootable } from './built.ts'
import { Guest } from './guest.ts'

/** Prints what the device mapper calls the device that is mounted as root. */
const ROOT_UUID = `cat /sys/dev/block/$(awk '$5 == "/" { print $3 }' /proc/self/mountinfo)/dm/uuid`

export function imageIsUp(what: string, variant: Partial<Variant> = {}): void {
  describe(what, () => {
    let built: Bootable
    let guest: Guest
    const kept: Record<string, string> = {}

    before(async () => {
      built = await bootable(variant)
      guest = await Guest.make(built)
      await guest.start()
    })
    after(() => guest?.remove())

    it('boots, and the page answers', async () => {
      await guest.up()
      const { status, body } = await guest.page('/')
      assert.equal(status, 200)
      assert.match(body, /<html/i)
      assert.equal(guest.resets, 0)
    })

    it('runs without a failed unit', async () => {
      const { output } = await guest.sh('systemctl is-system-running --wait')
      const failed = await guest.ok('systemctl --failed --no-legend --plain --no-pager')
      assert.deepEqual({ output, failed }, { output: 'running', failed: '' })
    })

    it('runs the version that was built, from slot a', async () => {
      assert.equal(await guest.ok('. /etc/os-release; echo $IMAGE_VERSION'), built.version)
      assert.equal(await guest.ok('cat /run/blocktree/slot'), 'a')
    })

    it('has a root that dm-verity checks and nobody can write', async () => {
      assert.match(await guest.ok('grep " / " /proc/mounts'), /^\/dev\/\S+ \/ erofs ro,/)
      assert.match(await guest.ok(ROOT_UUID), /^CRYPT-VERITY-/)
      assert.notEqual((await guest.sh('touch /usr/new')).status, 0)
      const reads = await guest.sh('dd if=/dev/mapper/root of=/dev/null bs=1048576')
      assert.equal(reads.status, 0, reads.output)
    })

    it('was found good by the boot loader', async () => {
      const entries = await guest.ok(
        'systemctl is-active systemd-bless-boot.service; ls /boot/EFI/Linux',
      )
      assert.deepEqual(entries.split('\n'), ['active', `blocktree_${built.version}.efi`])
    })

    it('has its two ports, its TPM, its watchdog and a clock', async () => {
      await guest.ok('test -e /sys/class/net/enp0s2 && test -e /sys/class/net/enp0s3')
      assert.match(await guest.ok('networkctl --no-legend --no-pager'), /enp0s2 +ether +routable/)
      await guest.ok('test -c /dev/tpmrm0 && test -c /dev/watchdog0')
      const seconds = Number(await guest.ok('date +%s'))
      assert.ok(seconds > built.context.epoch, `the clock says ${seconds}`)
    })

    it('has made a node directory that only the daemon reads, and serves it', async () => {
      const modes = await guest.ok(
        "cd /var/lib/blocktree && stat -c '%n %a %U' . credentials store socket",
      )
      assert.deepEqual(modes.split('\n'), [
        '. 700 blocktree',
        'credentials 600 blocktree',
        'store 700 blocktree',
        'socket 600 blocktree',
      ])
      const asked = 'blocktree principal --json --dir /var/lib/blocktree'
      kept['principal'] = (JSON.parse(await guest.ok(asked)) as { principal: string }).principal
      assert.match(kept['principal'], /^k51/)
    })

    it('does not show its page to the Internet', async () => {
      const wan = await guest.forwardWan()
      await assert.rejects(guest.page('/', wan), 'the page answers on the WAN side')
      assert.equal((await guest.page('/')).status, 200)
    })

    it('has no user who can log in with a password', async () => {
      const shadow = await guest.sh("grep -Ev '^[^:]+:[!*]' /etc/shadow")
      assert.equal(shadow.output, '')
    })

    it('switches itself off when the power button is pressed', async () => {
      kept['machine'] = await guest.ok('cat /etc/machine-id')
      kept['host'] = await guest.ok('cat /proc/sys/kernel/hostname')
      assert.match(kept['machine'], /^[0-9a-f]{32}$/)
      await guest.ok('mkdir -p /var/lib/kept && echo data >/var/lib/kept/file')
      assert.deepEqual(await guest.shutdown(), { how: 'guest', reason: 'guest-shutdown' })
    })

    it('keeps its name, its machine id and its data at the second boot', async () => {
      await guest.start()
      await guest.up()
      assert.equal(await guest.ok('cat /etc/machine-id'), kept['machine'])
      assert.equal(await guest.ok('cat /proc/sys/kernel/hostname'), kept['host'])
      assert.equal(await guest.ok('cat /var/lib/kept/file'), 'data')
      const asked = 'blocktree principal --json --dir /var/lib/blocktree'
      assert.equal(JSON.parse(await guest.ok(asked)).principal, kept['principal'])
      assert.equal(await guest.ok('systemctl is-system-running --wait'), 'running')
    })
  })
}
