import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { signingInput } from '../../../node/codec/signing.ts'
import { golden } from '../../golden/golden.ts'

const ascii = (text: string) => new TextEncoder().encode(text)

describe('what a signature covers', () => {
  it('is laid out as docs/formats.md says', () => {
    const input = signingInput('principal-record', new Uint8Array([1, 2, 3]))
    assert.deepEqual(
      new Uint8Array(input),
      new Uint8Array([...ascii('blocktree'), 0, 16, ...ascii('principal-record'), 1, 2, 3]),
    )
    assert.deepEqual(input, golden('codec/signing-input.bin', input))
  })

  it('differs for other domains and other content', () => {
    const domain = fc.stringMatching(/^[a-z0-9-]{1,64}$/)
    const content = fc.uint8Array({ maxLength: 80 })
    fc.assert(
      fc.property(domain, content, domain, content, (d1, c1, d2, c2) => {
        const same = d1 === d2 && Buffer.compare(c1, c2) === 0
        const equal = Buffer.compare(signingInput(d1, c1), signingInput(d2, c2)) === 0
        assert.equal(equal, same)
      }),
    )
    const moved = [signingInput('a', ascii('bc')), signingInput('ab', ascii('c'))] as const
    assert.notDeepEqual(...moved)
  })

  for (const domain of ['', 'Upper', 'under_score', 'ü', 'a'.repeat(65), 'a\0'])
    it(`refuses the domain ${JSON.stringify(domain)}`, () => {
      const content = new Uint8Array()
      assert.throws(() => signingInput(domain, content), { code: 'CODEC_DOMAIN', path: 'domain' })
    })
})
