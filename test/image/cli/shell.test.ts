/** `bt shell` on a small checkout: where steps run, with their variables, and nothing left behind. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bt } from './checkout.ts'

describe('bt shell', () => {
  it('names the nearest recipe', async () => {
    const { code, err } = await bt(['shell', 'firewal', '--command', 'true'])
    assert.deepEqual([code, err], [1, 'bt: there is no recipe firewal, did you mean firewall?\n'])
  })

  it('wants a terminal, or a line to run', async () => {
    const { code, err } = await bt(['shell', 'firewall'])
    assert.equal(code, 2)
    assert.match(err, /--command/)
  })
})
