import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemRandom } from '../../../node/crypto/random.ts'
import { bytesOf, SymmetricKey } from '../../../node/crypto/symmetric-key.ts'
import { KeyCache } from '../../../node/store/key-cache.ts'

const newKey = () => SymmetricKey.generate(systemRandom)
const isWiped = (key: SymmetricKey) => {
  try {
    bytesOf(key)
    return false
  } catch (error) {
    return (error as { code?: string }).code === 'KEY_WIPED'
  }
}

describe('the key cache', () => {
  it('holds the keys that were used last, and zeroes the others', () => {
    const cache = new KeyCache(3)
    const keys = new Map(['a', 'b', 'c'].map(name => [name, newKey()]))
    for (const [name, key] of keys) cache.set(name, key)
    assert.equal(cache.get('a'), keys.get('a'))
    const d = newKey()
    cache.set('d', d)
    assert.equal(cache.get('b'), undefined)
    assert.ok(isWiped(keys.get('b')!))
    for (const name of ['a', 'c']) assert.ok(!isWiped(cache.get(name)!))
    assert.deepEqual(cache.counts, { hits: 3, misses: 1, held: 3 })
  })

  it('zeroes a borrowed key only when it is given back', () => {
    const cache = new KeyCache(1)
    const key = newKey()
    const bytes = bytesOf(key)
    cache.set('a', key)
    const [one, two] = [cache.borrow('a')!, cache.borrow('a')!]
    cache.set('b', newKey())
    assert.equal(cache.borrow('a'), undefined)
    one.giveBack()
    one.giveBack()
    assert.ok(!isWiped(two.key))
    two.giveBack()
    assert.ok(isWiped(key))
    assert.ok(bytes.every(byte => byte === 0))
  })

  it('zeroes a key that another of its name replaces, and all when it is cleared', () => {
    const cache = new KeyCache()
    const [a, b] = [newKey(), newKey()]
    cache.set('x', a)
    cache.set('x', a)
    assert.ok(!isWiped(a))
    cache.set('x', b)
    assert.ok(isWiped(a))
    cache.clear()
    assert.ok(isWiped(b))
    assert.equal(cache.counts.held, 0)
  })
})
