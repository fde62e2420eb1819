import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lanArguments, lanPlan } from '../../../image/qemu/network.ts'

describe('the LAN of a machine', () => {
  it('has the host at the last address but one', () => {
    assert.deepEqual(lanPlan('10.77.0.1/24'), {
      router: '10.77.0.1',
      network: '10.77.0.0',
      prefix: 24,
      host: '10.77.0.254',
      dns: '10.77.0.253',
      dhcp: '10.77.0.252',
    })
    const { network, host } = lanPlan('192.168.200.129/28')
    assert.deepEqual([network, host], ['192.168.200.128', '192.168.200.142'])
    assert.equal(lanPlan('10.255.255.1/8').network, '10.0.0.0')
  })

  it('is cut off and leaves IPv6 to the router', () => {
    const [, netdev] = lanArguments('0x3', '10.77.0.1/24')
    assert.match(netdev!, /restrict=on,ipv6=off/)
  })

  for (const bad of [
    '',
    '10.77.0.1',
    '10.77.0.1/7',
    '10.77.0.1/29',
    '10.77.0.256/24',
    'fd00::1/64',
  ])
    it(`refuses ${JSON.stringify(bad)}`, () => {
      assert.throws(() => lanPlan(bad), { code: 'VM_START', message: /expected IPv4/ })
    })
})
