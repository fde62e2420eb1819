/** Headers from anybody: whatever the bytes, one of the known errors, and soon. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { acceptanceFormat } from '../../../node/block/acceptance.ts'
import { HEADER_BYTES_MAX } from '../../../node/block/header-schema.ts'
import { openHeader } from '../../../node/block/header.ts'
import { Recent } from '../../../node/block/recent.ts'
import { CodecError } from '../../../node/codec/error.ts'
import { CryptoError } from '../../../node/crypto/error.ts'
import { golden } from '../../golden/golden.ts'
import { cap, fileHeader, OWNER, signed, somebody } from './sample.ts'

const files = ['header', 'root-block', 'acceptance', 'writecap'].map(name =>
  golden(`block/${name}.cbor`),
)
const refused = (bytes: Uint8Array) => {
  for (const open of [openHeader, acceptanceFormat.open])
    try {
      open(bytes)
    } catch (error) {
      assert.ok(error instanceof CodecError || error instanceof CryptoError, `${error}`)
    }
}

describe('headers and acceptances from anybody', () => {
  it('that are any bytes are refused without another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => refused(bytes)),
      { numRuns: 500 },
    )
  })

  it('that are put together of right ones are refused without another error', () => {
    const part = fc.tuple(fc.constantFrom(...files), fc.nat(1700), fc.nat(1700))
    fc.assert(
      fc.property(part, part, ([a, from], [b, to, end]) =>
        refused(Buffer.concat([a.subarray(0, from), b.subarray(to, to + end)])),
      ),
      { numRuns: 1000 },
    )
  })

  it('cut anywhere are refused', () => {
    const whole = files[0]!
    for (let length = 0; length < whole.length; length++)
      assert.throws(() => openHeader(whole.subarray(0, length)), { code: 'CODEC_TRUNCATED' })
  })

  it('may be large, and not larger', async () => {
    const link = await cap(OWNER, somebody('a'))
    const revocations = Array<Uint8Array>(256).fill(link)
    const { bytes } = await signed(fileHeader({ revocations, chain: Array(8).fill(link) }))
    assert.ok(bytes.length > 70_000)
    openHeader(bytes)
    const more = new Uint8Array(HEADER_BYTES_MAX + 1000)
    more.set(bytes)
    assert.throws(() => openHeader(more), { code: 'CODEC_TOO_LARGE' })
  })

  it('of one kind are not taken for another', () => {
    assert.throws(() => openHeader(files[2]!), { code: /^CODEC_/ })
    assert.throws(() => acceptanceFormat.open(files[0]!), { code: /^CODEC_/ })
  })
})

describe('what was seen lately', () => {
  it('is held, most lately used first, and never more than that', () => {
    const recent = new Recent<number, string>(10)
    for (let i = 0; i < 1000; i++) {
      recent.set(i, `${i}`)
      assert.equal(recent.get(0), '0')
      assert.ok(recent.size <= 20)
    }
    assert.equal(recent.get(999), '999')
    assert.equal(recent.get(500), undefined)
  })
})
