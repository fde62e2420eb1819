import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Partition } from '../../board/board.ts'
import { assembleDisk } from '../disk/assemble.ts'
import { writeBmap } from '../disk/bmap.ts'
import { parseDiskBoard } from '../disk/layout.ts'
import { noteSha256 } from '../engine/digest.ts'
import type { Verb } from './verb.ts'

const FILES = [
  'esp',
  'root-a',
  'verity-a',
  'root-b',
  'verity-b',
] as const satisfies Partition['label'][]

/** Puts the disk image of a board together, with its block map beside it. */
export const verb: Verb = {
  usage:
    'disk BOARD_JSON OUT.img --seed TEXT --esp FILE --root-a FILE --verity-a FILE ' +
    '[--root-b FILE --verity-b FILE]',
  about: 'puts a disk image together from its partitions, and writes OUT.img.bmap',

  async run({ args, cwd, print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        esp: { type: 'string' },
        'root-a': { type: 'string' },
        'verity-a': { type: 'string' },
        'root-b': { type: 'string' },
        'verity-b': { type: 'string' },
      },
    })
    const [boardFile, out, ...extra] = positionals
    if (!boardFile || !out || extra.length > 0 || values.seed === undefined)
      throw new Error(`usage: ${verb.usage}`)
    const contents = new Map<Partition['label'], string>()
    for (const label of FILES) {
      const file = values[label]
      if (file !== undefined) contents.set(label, resolve(cwd, file))
    }
    const board = parseDiskBoard(readFileSync(resolve(cwd, boardFile), 'utf8'))
    const bmap = assembleDisk(board, contents, values.seed, resolve(cwd, out))
    noteSha256(resolve(cwd, out), bmap.sha256)
    writeFileSync(resolve(cwd, `${out}.bmap`), writeBmap(bmap))
    const mapped = bmap.ranges.reduce((sum, range) => sum + range.end - range.start, 0)
    print(`${out}: ${bmap.imageBytes} bytes, ${mapped} of them to write`)
  },
}
