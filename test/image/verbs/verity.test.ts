import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { parseVeritySuperblock } from '../../../image/disk/verity.ts'
import { verb } from '../../../image/verbs/verity.ts'
import { slot } from '../disk/volume.ts'
import { steps } from './call.ts'

const UUID = '00000000-0000-8000-8000-000000000001'

describe('verb verity', () => {
  const { at, call, end } = steps()
  after(end)
  const { root, verity } = slot(150, 'beef')
  writeFileSync(at('root'), root)

  it('writes hash device and root hash, one line of hex', async () => {
    const printed = await call(verb, `root tree hash --salt beef --uuid ${UUID}`)
    assert.ok(readFileSync(at('tree')).equals(verity))
    assert.equal(parseVeritySuperblock(readFileSync(at('tree'))).dataBlocks, 150)
    const text = readFileSync(at('hash'), 'utf8')
    assert.match(text, /^[0-9a-f]{64}\n$/)
    assert.equal(printed[0], `root hash ${text.trim()}`)
  })

  it('refuses what is not hex, not a UUID, or not its usage', async () => {
    await assert.rejects(call(verb, `root t h --salt abc --uuid ${UUID}`), /--salt is 'abc'/)
    await assert.rejects(call(verb, 'root t h --salt ab --uuid x'), { code: 'VERITY_BAD_INPUT' })
    await assert.rejects(call(verb, `root t --salt ab --uuid ${UUID}`), /usage: verity/)
    await assert.rejects(call(verb, `none t h --salt ab --uuid ${UUID}`), { code: 'ENOENT' })
  })
})
