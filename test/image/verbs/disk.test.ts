import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { parseBmap } from '../../../image/disk/bmap.ts'
import { memory } from '../../../image/disk/bytes.ts'
import { parseGpt } from '../../../image/disk/gpt-parse.ts'
import { verb } from '../../../image/verbs/disk.ts'
import { fat32, slot } from '../disk/volume.ts'
import { steps } from './call.ts'

const BOARD = {
  name: 'small',
  arch: 'aarch64',
  disk: {
    partitions: [
      { label: 'esp', size: 1 },
      { label: 'root-a', size: 1 },
      { label: 'verity-a', size: 1 },
    ],
  },
}

describe('verb disk', () => {
  const { at, call, end } = steps()
  after(end)
  const { root, verity } = slot(9)
  writeFileSync(at('board.json'), JSON.stringify(BOARD))
  writeFileSync(at('esp.img'), fat32([2]))
  writeFileSync(at('root'), root)
  writeFileSync(at('verity'), verity)
  const FILES = '--esp esp.img --root-a root --verity-a verity'

  it('writes image and block map, relative to the step', async () => {
    await call(verb, `board.json out.img --seed s ${FILES}`)
    const image = readFileSync(at('out.img'))
    const bmap = parseBmap(readFileSync(at('out.img.bmap'), 'utf8'))
    assert.equal(bmap.imageBytes, image.length)
    assert.equal(parseGpt(memory(image)).partitions.length, 3)
  })

  it('refuses a command line that is not its usage', async () => {
    for (const line of ['', 'board.json', 'board.json out.img', 'board.json out.img more --seed s'])
      await assert.rejects(call(verb, line), /usage: disk BOARD_JSON/)
    await assert.rejects(call(verb, 'board.json out.img --seed s --data x'), /--data/)
  })

  it('passes on which partition a file does not fit', async () => {
    writeFileSync(at('large'), Buffer.alloc(2 ** 20 + 1))
    await assert.rejects(call(verb, 'board.json out.img --seed s --root-a large'), {
      code: 'DISK_TOO_LARGE',
    })
  })
})
