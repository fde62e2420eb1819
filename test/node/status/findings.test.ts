/** Facts in words. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AddressTable } from '../../../node/status/network.ts'
import { collectStatus } from '../../../node/status/collect.ts'
import { address, makeMachine, port, ROUTER, ROUTER_ADDRESSES, type Files } from '../machine.ts'

const look = (files: Files, addresses: AddressTable = ROUTER_ADDRESSES) =>
  collectStatus(
    makeMachine(files, () => addresses),
    '1.2.3',
  )

/** Level and title of one finding. */
function said(code: string, files: Files, addresses?: AddressTable): string {
  const found = look(files, addresses).findings.filter(each => each.code === code)
  assert.equal(found.length, 1, code)
  return `${found[0]!.level}: ${found[0]!.title}`
}

describe('collectStatus', () => {
  it('tells everything about a good router', () => {
    const { findings, network, ...rest } = look(ROUTER)
    assert.deepEqual(rest, {
      name: 'blocktree-7c1e',
      version: '1.2.3',
      time: '2026-11-23T12:00:00.000Z',
      uptime: 277384,
      slot: 'a',
      verity: 'on',
      tpm: { present: true, version: '2.0' },
      memory: { total: 1_028_313_088, available: 831_938_560 },
      level: 'good',
    })
    assert.equal(network.length, 3)
    assert.deepEqual(
      findings.map(each => each.code),
      ['internet', 'home', 'system', 'tpm', 'memory'],
    )
  })

  it('has an answer for a machine without any file', () => {
    const status = look({}, {})
    assert.equal(status.name, 'localhost')
    assert.equal(status.slot, 'unknown')
    assert.equal(status.level, 'problem')
    assert.equal('uptime' in status || 'memory' in status, false)
  })
})

describe('findings', () => {
  const offline = { ...ROUTER, 'proc/net/route': '' }

  it('tell how the Internet is', () => {
    assert.equal(said('internet', ROUTER), 'good: Connected to the Internet')
    assert.equal(said('internet', offline), 'notice: No Internet address yet')
    const onlyLink = { ...ROUTER_ADDRESSES, enp0s2: [address('169.254.1.1/16')] }
    assert.equal(said('internet', ROUTER, onlyLink), 'notice: No Internet address yet')
    const unplugged = {
      ...offline,
      ...port('enp0s2', { 'device/uevent': '', operstate: 'down' }),
      ...port('enp0s3', { 'device/uevent': '', operstate: 'down' }),
    }
    assert.equal(said('internet', unplugged), 'problem: No cable to the Internet')
  })

  it('tell how the home is', () => {
    const lan = (operstate: string) => ({
      ...ROUTER,
      ...port('lan', { uevent: 'DEVTYPE=bridge', operstate }),
    })
    assert.equal(said('home', ROUTER), 'good: Home network ready')
    assert.equal(said('home', lan('down')), 'notice: Nothing plugged in at home')
    assert.equal(said('home', ROUTER, {}), 'notice: No home network')
    assert.equal(said('home', {}), 'notice: No home network')
  })

  it('tell whether the system is verified', () => {
    assert.equal(said('system', ROUTER), 'good: System verified')
    assert.equal(said('system', {}), 'notice: System not verified')
  })

  it('tell how the TPM is', () => {
    const chip = (text: string) => ({ ...ROUTER, 'sys/class/tpm/tpm0/tpm_version_major': text })
    assert.equal(said('tpm', ROUTER), 'good: Security chip present')
    assert.equal(said('tpm', chip('1')), 'notice: TPM too old')
    assert.equal(said('tpm', chip('7')), 'notice: TPM of unknown version')
    assert.equal(said('tpm', {}), 'notice: No TPM found')
  })

  it('tell when memory runs out', () => {
    const left = (kib: number) => ({
      ...ROUTER,
      'proc/meminfo': `MemTotal: 1000 kB\nMemAvailable: ${kib} kB\n`,
    })
    assert.equal(said('memory', left(50)), 'good: Enough memory')
    assert.equal(said('memory', left(49)), 'problem: Memory almost full')
  })
})
