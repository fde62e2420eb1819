import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openHeader, signHeader } from '../../../node/block/header.ts'
import { checkReceipt } from '../../../node/block/receipt.ts'
import { Session, type SessionOptions } from '../../../node/block/session.ts'
import { writecapFormat } from '../../../node/block/writecap.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import {
  AUTHORITY,
  block,
  cap,
  fileHeader,
  HOUR,
  NOW,
  OWNER,
  ROOT,
  somebody,
  TREE,
} from './sample.ts'

const node = somebody('node', 'P-256')
const nodeCap = await cap(OWNER, node, { expires: NOW + 100 * HOUR, notBefore: NOW - HOUR })

function session(change: Partial<SessionOptions> = {}) {
  const time = { now: NOW }
  const made = new Session({
    tree: TREE,
    credentials: node,
    chain: [nodeCap],
    clock: () => time.now,
    random: systemRandom,
    ...change,
  })
  return { time, session: made }
}

describe('a session', () => {
  it('signs headers that are taken, with a key in memory', async () => {
    for (const change of [{}, { credentials: OWNER, chain: [] }]) {
      const { session: held } = session(change)
      const writer = await held.signer()
      const { chain, signKey } = writer
      const { bytes } = await signHeader(fileHeader({ chain, writer: signKey }), writer)
      const receipt = { previous: undefined, next: openHeader(bytes), parentPath: [ROOT] }
      checkReceipt(receipt, AUTHORITY())
      assert.ok(!signKey.equals(node.signKey) && !signKey.equals(OWNER.signKey))
    }
  })

  it('asks the credentials once for many headers, and again before the hours are over', async () => {
    const { time, session: held } = session({ hours: 8 })
    const writers = await Promise.all(Array.from({ length: 50 }, () => held.signer()))
    assert.equal(new Set(writers).size, 1)
    assert.equal(held.renewals, 1)
    for (time.now = NOW; time.now < NOW + 24 * HOUR; time.now += HOUR / 4) {
      const { chain } = await held.signer()
      const { expires, notBefore } = writecapFormat.open(chain.at(-1)!)
      assert.ok(notBefore <= time.now && time.now + HOUR < expires)
      await new Promise(setImmediate)
    }
    assert.ok(held.renewals >= 3 && held.renewals <= 5, `${held.renewals}`)
  })

  it('goes on with a key that is still good while the chip fails, and not beyond', async () => {
    let broken = false
    const credentials = {
      signKey: node.signKey,
      sign: async (input: Parameters<typeof node.sign>[0]) => {
        if (broken) throw new Error('the chip is busy')
        return node.sign(input)
      },
    }
    const { time, session: held } = session({ credentials })
    const first = await held.signer()
    broken = true
    time.now = NOW + 3.9 * HOUR
    assert.equal(await held.signer(), first)
    await new Promise(setImmediate)
    time.now = NOW + 4 * HOUR
    await assert.rejects(held.signer(), /the chip is busy/)
    broken = false
    assert.notEqual(await held.signer(), first)
  })

  it('makes another key when the clock was set back', async () => {
    const { time, session: held } = session()
    const first = await held.signer()
    time.now -= HOUR / 2
    assert.notEqual(await held.signer(), first)
  })

  it('hands on no more than it has, and no longer', async () => {
    const scope = block('part')
    const chain = [await cap(OWNER, node, { scope, depth: 1, expires: NOW + HOUR })]
    const { time, session: held } = session({ chain, hours: 24 })
    const last = writecapFormat.open((await held.signer()).chain.at(-1)!)
    assert.deepEqual(
      [last.scope, last.depth, last.expires, last.notBefore],
      [scope, 0, NOW + HOUR, NOW],
    )
    time.now = NOW + HOUR
    await assert.rejects(held.signer(), { code: 'SESSION_OVER' })
  })

  it('lets go of its key, also of one that is on its way', async () => {
    const { session: held } = session()
    const coming = held.signer()
    held.close()
    const first = await coming
    assert.notEqual(await held.signer(), first)
    assert.equal(held.renewals, 2)
  })

  it('cannot be made with a right that may not be handed on', async () => {
    const last = await cap(OWNER, node, { depth: 0 })
    assert.throws(() => session({ chain: [last] }), { code: 'SESSION_DEPTH' })
    const others = await cap(OWNER, somebody('other'))
    assert.throws(() => session({ chain: [others] }), { code: 'CHAIN_WRITER' })
    const long = Array<Uint8Array>(8).fill(nodeCap)
    assert.throws(() => session({ chain: long }), { code: 'CHAIN_LONG' })
  })
})
