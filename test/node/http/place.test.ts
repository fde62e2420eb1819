/** Places to listen, as written on a command line. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DEFAULT_PLACE, parsePlace } from '../../../node/http/place.ts'

describe('parsePlace', () => {
  it('reads addresses and names with a port', () => {
    assert.deepEqual(parsePlace('127.0.0.1:7707'), { host: '127.0.0.1', port: 7707 })
    assert.deepEqual(parsePlace('[::1]:80'), { host: '::1', port: 80 })
    assert.deepEqual(parsePlace('localhost:0'), { host: 'localhost', port: 0 })
    assert.ok(parsePlace(DEFAULT_PLACE))
  })

  it('refuses everything else', () => {
    const wrong = [
      '',
      '80',
      ':80',
      '127.0.0.1',
      '::1:80',
      '[::1]',
      'a:',
      'a:-1',
      'a:65536',
      'a:1e3',
    ]
    for (const text of [...wrong, 'a b:1', 'a:1 ', 'http://localhost:1', 'a:1/', '[a:1'])
      assert.equal(parsePlace(text), undefined, text)
  })
})
