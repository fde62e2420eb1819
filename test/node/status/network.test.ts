/** Interfaces, routes and addresses of machines made of files. */
import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { describe, it } from 'node:test'
import { toAddresses } from '../../../node/status/addresses.ts'
import { readNetwork } from '../../../node/status/network.ts'
import { readDefaultRoutes } from '../../../node/status/routes.ts'
import { address, makeRoot, port, ROUTER, ROUTER_ADDRESSES } from '../machine.ts'

describe('readNetwork', () => {
  it('tells a router’s ports, the Internet’s first, the loopback not at all', () => {
    assert.deepEqual(readNetwork(makeRoot(ROUTER), ROUTER_ADDRESSES), [
      {
        name: 'enp0s2',
        kind: 'ethernet',
        role: 'internet',
        link: 'up',
        speed: 1000,
        mac: '52:54:00:12:34:56',
        addresses: [
          { address: '203.0.113.27', prefix: 24, family: 4, scope: 'global' },
          { address: 'fe80::5054:ff:fe12:3456', prefix: 64, family: 6, scope: 'link' },
        ],
      },
      {
        name: 'enp0s3',
        kind: 'ethernet',
        role: 'local',
        link: 'up',
        speed: 2500,
        mac: '52:54:00:12:34:57',
        addresses: [],
      },
      {
        name: 'lan',
        kind: 'bridge',
        role: 'local',
        link: 'up',
        mac: '52:54:00:12:34:57',
        addresses: [
          { address: '10.77.0.1', prefix: 24, family: 4, scope: 'private' },
          { address: 'fd4b:71::1', prefix: 64, family: 6, scope: 'private' },
        ],
      },
    ])
  })

  it('tells kinds apart', () => {
    const rows = [
      [{ uevent: 'DEVTYPE=wlan' }, 'wifi'],
      [{ uevent: 'DEVTYPE=bridge' }, 'bridge'],
      [{ uevent: 'DEVTYPE=wireguard', type: '65534' }, 'tunnel'],
      [{ uevent: 'DEVTYPE=ppp', type: '512' }, 'tunnel'],
      [{ type: '65534' }, 'tunnel'],
      [{ 'device/uevent': 'DRIVER=igc' }, 'ethernet'],
      [{ uevent: 'DEVTYPE=vlan' }, 'virtual'],
      [{}, 'virtual'],
    ] as const
    for (const [facts, kind] of rows)
      assert.equal(
        readNetwork(makeRoot(port('x', facts)), {})[0]!.kind,
        kind,
        JSON.stringify(facts),
      )
  })

  it('shows no speed and no hardware address that make no sense', () => {
    for (const speed of ['-1', '', '1e3', '99999999', '0', 'fast'])
      assert.equal('speed' in readNetwork(makeRoot(port('x', { speed })), {})[0]!, false, speed)
    for (const mac of ['00:00:00:00:00:00', '', '52:54', '52:54:00:12:34:5g', '<b>'])
      assert.equal('mac' in readNetwork(makeRoot(port('x', { address: mac })), {})[0]!, false, mac)
  })

  it('takes links for down unless the kernel says up or does not know', () => {
    const rows = ['up', 'down', 'lowerlayerdown', 'dormant', 'notpresent', 'unknown', 'UP']
    const links = rows.map(
      operstate => readNetwork(makeRoot(port('x', { operstate })), {})[0]!.link,
    )
    assert.deepEqual(links, ['up', 'down', 'down', 'down', 'down', 'unknown', 'down'])
  })

  it('leaves out names that only a stranger would choose, and more than 64 ports', () => {
    const strange = ['a b', 'é', 'x'.repeat(16), '<i>', 'a\n']
    const many = Array.from({ length: 100 }, (_, index) => `eth${index}`)
    const files = Object.assign({}, ...[...strange, ...many].map(name => port(name, {})))
    const network = readNetwork(makeRoot(files), {})
    assert.equal(network.length, 64)
    assert.ok(network.every(({ name }) => many.includes(name)))
  })

  it('reads this machine', () => {
    const names = readNetwork('/', networkInterfaces()).map(each => each.name)
    assert.ok(!names.includes('lo'))
  })
})

describe('readDefaultRoutes', () => {
  const names = (route: string, route6 = '') => [
    ...readDefaultRoutes(makeRoot({ 'proc/net/route': route, 'proc/net/ipv6_route': route6 })),
  ]
  const row6 = (to: string, length: string, flags: string, name: string) =>
    `${to} ${length} ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000400 00000001 00000000 ${flags} ${name}\n`
  const any = '0'.repeat(32)

  it('finds IPv4 and IPv6 routes to everywhere', () => {
    assert.deepEqual(names('wan\t00000000\t01\t0003\t0\t0\t0\t00000000\n'), ['wan'])
    assert.deepEqual(names('', row6(any, '00', '00450003', '   ppp0')), ['ppp0'])
  })

  it('is not fooled by routes that lead elsewhere, are down or reject', () => {
    assert.deepEqual(names('wan\t00000000\t01\t0002\t0\t0\t0\t00000000\n'), [])
    assert.deepEqual(names('wan\t00000000\t01\t0003\t0\t0\t0\t00000080\n'), [])
    assert.deepEqual(names('wan\t0000000A\t01\t0003\t0\t0\t0\t000000FF\n'), [])
    assert.deepEqual(names('', row6(any, '00', '00200200', 'lo')), [])
    assert.deepEqual(names('', row6(any, '40', '00000001', 'wan')), [])
    assert.deepEqual(names('', row6(`fd${'0'.repeat(30)}`, '08', '00000001', 'wan')), [])
  })

  it('survives rubbish', () => {
    for (const text of ['\t\t\t', '\0'.repeat(9000), 'a\t00000000\t0\tzz\t0\t0\t0\t00000000'])
      assert.deepEqual(names(text, text), [])
    assert.equal(readDefaultRoutes(makeRoot({})).size, 0)
  })
})

describe('toAddresses', () => {
  it('knows which addresses reach how far (RFC 1918, 3879, 3927, 4193, 4291, 6598)', () => {
    const rows = [
      ['8.8.8.8/32', 'global'],
      ['172.15.255.255/16', 'global'],
      ['172.16.0.1/16', 'private'],
      ['172.31.255.255/16', 'private'],
      ['172.32.0.1/16', 'global'],
      ['192.168.1.1/24', 'private'],
      ['100.64.0.1/10', 'private'],
      ['100.128.0.1/10', 'global'],
      ['169.254.3.4/16', 'link'],
      ['fe80::1/64', 'link'],
      ['fd00::1/64', 'private'],
      ['fc00::1/64', 'private'],
      ['fec0::1/64', 'private'],
      ['2001:db8::1/64', 'global'],
    ] as const
    for (const [cidr, scope] of rows)
      assert.equal(toAddresses([address(cidr)])[0]!.scope, scope, cidr)
  })

  it('puts IPv4 first and those of the own link last', () => {
    const mixed = ['fe80::1/64', '169.254.0.1/16', '2001:db8::1/64', '10.0.0.1/8'].map(address)
    assert.deepEqual(
      toAddresses(mixed).map(each => each.address),
      ['10.0.0.1', '2001:db8::1', '169.254.0.1', 'fe80::1'],
    )
  })

  it('leaves out what is no address, and all after 32', () => {
    assert.deepEqual(toAddresses([address('<b>/24'), address('/24')]), [])
    assert.equal(
      toAddresses(Array.from({ length: 50 }, (_, i) => address(`10.0.0.${i}/8`))).length,
      32,
    )
  })
})
