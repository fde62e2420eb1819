/** The command lines of both kinds of boards, as far as the guest or its safety depends on them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Board } from '../../../board/board.ts'
import { board as pc } from '../../../board/qemu-x86_64.ts'
import { machineArguments, qemuProgram, type Machine } from '../../../image/qemu/machine.ts'

const arm: Board = {
  ...{ ...pc, name: 'qemu-aarch64', arch: 'aarch64' },
  qemu: { ...pc.qemu, machine: 'virt', cpu: 'max', tpm: 'tpm-tis-device' },
}

function args(board: Board, more: Partial<Machine> = {}): string[] {
  return machineArguments({
    ...{ tools: { root: '/t', bin: '/b' }, board, accel: 'tcg', secureBoot: false, tpm: true },
    firmware: { code: '/t/code.fd', blankVars: '/t/vars.fd' },
    ...{ vars: '/m/vars.fd', disk: { file: '/m/disk', format: 'raw' } },
    ...more,
  })
}

/** The value after an option, for each time it is given. */
function values(all: readonly string[], option: string): string[] {
  return all.filter((_, i) => all[i - 1] === option)
}

for (const board of [pc, arm])
  describe(`the machine of ${board.name}`, () => {
    const all = args(board)

    it('has its ports where the guest calls them enp0s2 and enp0s3', () => {
      const nics = values(all, '-device').filter(device => device.startsWith('virtio-net'))
      assert.deepEqual(
        nics.map(nic => /netdev=(\w+),addr=(\w+)/.exec(nic)!.slice(1)),
        [
          ['wan', '0x2'],
          ['lan', '0x3'],
        ],
      )
    })

    it('puts no two devices into one slot', () => {
      const slots = values(all, '-device').flatMap(device => /addr=\w+/.exec(device) ?? [])
      assert.equal(new Set(slots).size, slots.length)
      assert.ok(slots.length >= 6, slots.join())
    })

    it('uses nothing of the host: no defaults, no configuration, no data of its own', () => {
      for (const flag of ['-nodefaults', '-no-user-config']) assert.ok(all.includes(flag), flag)
      const folders = ['/t/usr/share/qemu', '/t/usr/share/seabios']
      assert.deepEqual(values(all, '-L').slice(0, 2), folders)
    })

    it('never writes the firmware, and writes the variables of this machine', () => {
      const [code, vars] = values(all, '-drive')
      assert.match(code!, /unit=0.*readonly=on,file=\/t\/code.fd$/)
      assert.match(vars!, /unit=1.*file=\/m\/vars.fd$/)
      assert.doesNotMatch(vars!, /readonly/)
    })

    it('resets when the watchdog bites', () => {
      assert.ok(values(all, '-device').some(device => device.startsWith('i6300esb')))
      assert.deepEqual(values(all, '-action'), ['watchdog=reset'])
    })

    it('gives each connection a descriptor of its own', () => {
      const fds = values(all, '-chardev').map(chardev => /fd=(\d+)/.exec(chardev)![1])
      assert.deepEqual(fds, ['3', '4', '5', '6'])
    })

    it('doubles commas in paths', () => {
      const odd = args(board, { vars: '/m/a,b.fd', disk: { file: '/m/c,d', format: 'qcow2' } })
      assert.ok(values(odd, '-drive').some(drive => drive.endsWith('file=/m/a,,b.fd')))
      assert.ok(values(odd, '-drive').some(drive => drive.endsWith('file=/m/c,,d')))
    })

    it('is emulated on many threads, or runs on the host’s own processor', () => {
      assert.deepEqual(values(all, '-accel'), ['tcg,thread=multi'])
      const kvm = args(board, { accel: 'kvm' })
      assert.deepEqual([values(kvm, '-accel'), values(kvm, '-cpu')], [['kvm'], ['host']])
    })
  })

describe('a PC with Secure Boot', () => {
  it('protects its variables by SMM', () => {
    const all = args(pc, { secureBoot: true })
    assert.deepEqual(values(all, '-machine'), ['q35,smm=on'])
    assert.ok(values(all, '-global').includes('driver=cfi.pflash01,property=secure,value=on'))
    assert.deepEqual(values(args(pc), '-machine'), ['q35,smm=off'])
    assert.deepEqual(values(args(pc), '-global'), [])
  })
})

describe('an ARM board', () => {
  it('gets the TPM and the program of its kind', () => {
    assert.equal(qemuProgram(arm), 'qemu-system-aarch64')
    assert.ok(values(args(arm), '-device').includes('tpm-tis-device,tpmdev=tpm0'))
    assert.deepEqual(values(args(arm), '-machine'), ['virt'])
    assert.deepEqual(values(args(arm), '-cpu'), ['max,pauth-impdef=on'])
  })
})
