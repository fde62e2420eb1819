/** Names that requests may ask for, and those of DNS rebinding. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isOwnHost } from '../../../node/http/host.ts'

describe('isOwnHost', () => {
  it('takes what only this device can be called', () => {
    const own = [
      '127.0.0.1',
      '10.77.0.1:80',
      '192.0.2.7:65535',
      '[::1]',
      '[fd00::1]:8080',
      '[::ffff:10.0.0.1]',
      'localhost',
      'localhost:7707',
      'LOCALHOST',
      'router',
      'Router:80',
      'router.local',
      'router.local.',
      'router.local:80',
    ]
    for (const host of own) assert.equal(isOwnHost(host, 'router'), true, host)
  })

  it('refuses what somebody else can own or nobody can mean', () => {
    const strange = [
      '',
      'evil.example',
      'router.evil.example',
      'router.local.evil.example',
      'xrouter',
      'router.lan',
      '127.0.0.1.evil.example',
      '127.0.0.1@evil.example',
      'evil.example#router',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '256.0.0.1',
      '[::1',
      '::1',
      '[::1]x',
      '[fe80::1%25eth0]',
      '[router]',
      'router:',
      'router:port',
      'router:123456',
      'router:80:80',
      'router..',
      '.local',
      'router local',
      ' router',
      'router\n',
      'localhost\0',
      '*',
    ]
    for (const host of strange) assert.equal(isOwnHost(host, 'router'), false, JSON.stringify(host))
  })
})
