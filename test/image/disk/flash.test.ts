import assert from 'node:assert/strict'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { writeBmap } from '../../../image/disk/bmap.ts'
import { memory, writeAt } from '../../../image/disk/bytes.ts'
import { flashImage, type FlashOptions } from '../../../image/disk/flash.ts'
import { openSource } from '../../../image/disk/flash-source.ts'
import { parseGpt } from '../../../image/disk/gpt-parse.ts'
import { SECTOR, TAIL_BYTES, writeGpt } from '../../../image/disk/gpt.ts'
import { boardGpt, MIB } from '../../../image/disk/layout.ts'
import { examine } from '../../../image/disk/target.ts'
import { addBmap, BOARD, smallImage } from './flash-image.ts'

const folder = mkdtempSync(join(tmpdir(), 'flash-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

const plain = smallImage(folder, 'plain.img')
const mapped = smallImage(folder, 'mapped.img')
addBmap(mapped)
copyFileSync(at('mapped.img.zst'), at('packed.img.zst'))
copyFileSync(at('mapped.img.bmap'), at('packed.img.bmap'))
const { bytes: IMAGE } = plain
const GPT = boardGpt(BOARD, 'flash')

/** A disk full of rubbish, with a partition table of something else at both ends. */
function disk(name: string, size: number): string {
  const bytes = Buffer.alloc(size, 0x5a)
  const { head, tail } = writeGpt({
    ...GPT,
    diskGuid: GPT.partitions[0]!.guid,
    sectors: size / SECTOR,
  })
  head.copy(bytes)
  tail.copy(bytes, size - TAIL_BYTES)
  writeFileSync(at(name), bytes)
  return at(name)
}

async function flash(image: string, path: string, more: Partial<FlashOptions> = {}) {
  return flashImage({
    source: more.source ?? (await openSource(image)),
    target: more.target ?? examine(path),
    verify: true,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...more,
  })
}

/** What counts of each partition: all that verity covers and all that the ESP uses. */
function assertContents(found: Buffer): void {
  for (const { start, end } of plain.bmap.ranges) {
    const from = Math.max(MIB, start)
    const to = Math.min(7 * MIB, end)
    if (to > from) assert.ok(found.subarray(from, to).equals(IMAGE.subarray(from, to)), `${from}`)
  }
}

describe('flashing', () => {
  for (const image of ['plain.img', 'mapped.img', 'plain.img.zst', 'packed.img.zst'])
    it(`writes ${image} to a larger disk and moves the backup table to its end`, async () => {
      const path = disk('larger', 20 * MIB)
      const { verified, written } = await flash(at(image), path)
      assert.ok(verified === 'disk' || verified === 'cache')
      const found = readFileSync(path)
      assert.deepEqual(parseGpt(memory(found)), { ...GPT, sectors: (20 * MIB) / SECTOR })
      assertContents(found)
      assert.ok(written >= 3 * MIB && written <= 8 * MIB, `${written} bytes`)
    })

  it('leaves the rest of the disk alone with a map, but nothing that looks like old data', async () => {
    const path = disk('larger', 20 * MIB)
    await flash(at('mapped.img'), path)
    const found = readFileSync(path)
    // Behind the last partition of the image the data partition will be made.
    assert.ok(found.subarray(7 * MIB, 8 * MIB).every(byte => byte === 0))
    assert.ok(found.subarray(19 * MIB, 20 * MIB - TAIL_BYTES).every(byte => byte === 0))
    assert.ok(found.subarray(8 * MIB, 19 * MIB).every(byte => byte === 0x5a))
  })

  it('writes a disk of just the size of the image, byte for byte', async () => {
    const path = disk('same', IMAGE.length)
    await flash(at('plain.img.zst'), path)
    assert.ok(readFileSync(path).equals(IMAGE))
  })

  it('takes disks whose size is no multiple of 4096', async () => {
    const path = disk('odd', 9 * MIB + 512)
    await flash(at('mapped.img'), path)
    assert.equal(parseGpt(memory(readFileSync(path))).sectors, (9 * MIB + 512) / SECTOR)
  })

  it('does not read back when told so', async () => {
    const seen = new Set<string>()
    const onProgress = (phase: string) => void seen.add(phase)
    const { verified } = await flash(at('mapped.img'), disk('x', 9 * MIB), {
      verify: false,
      onProgress,
    })
    assert.equal(verified, 'no')
    assert.deepEqual([...seen], ['write'])
    assertContents(readFileSync(at('x')))
  })

  it('counts up to the same total while writing and while reading back', async () => {
    const calls: [string, number, number][] = []
    await flash(at('mapped.img'), disk('x', 9 * MIB), { onProgress: (...call) => calls.push(call) })
    for (const phase of ['write', 'verify']) {
      const own = calls.filter(call => call[0] === phase)
      assert.equal(own.at(-1)![1], own.at(-1)![2])
      for (let i = 1; i < own.length; i++) assert.ok(own[i]![1] >= own[i - 1]![1])
    }
  })
})

describe('a flash that goes wrong', () => {
  /** No firmware and no kernel finds a partition table on it, at neither end. */
  function assertDoesNotBoot(path: string): void {
    const found = readFileSync(path)
    assert.throws(() => parseGpt(memory(found)), { code: 'GPT_NOT_FOUND' })
    assert.equal(found.indexOf('EFI PART', 0, 'latin1') >= MIB || !found.includes('EFI PART'), true)
  }
  const fails = (code: string, message = /half-written and does not boot/) => ({ code, message })

  it('writes nothing to a disk that is one sector too small', async () => {
    const path = disk('small', IMAGE.length - SECTOR)
    const before = readFileSync(path)
    await assert.rejects(flash(at('plain.img'), path), {
      code: 'FLASH_TOO_SMALL',
      message: `${path} has ${IMAGE.length - SECTOR} bytes, the image needs ${IMAGE.length}`,
    })
    assert.ok(readFileSync(path).equals(before))
  })

  it('does not take the image for the disk', async () => {
    const before = readFileSync(at('mapped.img'))
    symlinkSync('mapped.img', at('link.img'))
    for (const path of ['mapped.img', 'link.img'])
      await assert.rejects(flash(at('mapped.img'), at(path)), {
        code: 'FLASH_IN_USE',
        message: /is the image itself/,
      })
    assert.ok(readFileSync(at('mapped.img')).equals(before))
  })

  it('leaves a disk that does not boot when stopped anywhere', async () => {
    for (const when of [1, 2 * MIB, Infinity]) {
      const path = disk('stopped', 9 * MIB)
      const controller = new AbortController()
      const onProgress = (phase: string, done: number) => {
        if (phase === 'verify' || done >= when) controller.abort()
      }
      const { signal } = controller
      await assert.rejects(
        flash(at('mapped.img'), path, { signal, onProgress }),
        fails('FLASH_ABORTED'),
      )
      assertDoesNotBoot(path)
    }
  })

  it('notices an image that is not what its block map says', async () => {
    const bad = Buffer.from(IMAGE)
    bad[2 * MIB + 5000]! ^= 1
    writeFileSync(at('bad.img'), bad)
    copyFileSync(at('mapped.img.bmap'), at('bad.img.bmap'))
    const path = disk('x', 9 * MIB)
    await assert.rejects(
      flash(at('bad.img'), path),
      fails('FLASH_IMAGE_DAMAGED', /SHA-256 is .* fetch/),
    )
    assertDoesNotBoot(path)
  })

  it('notices a packed image that is damaged or cut off', async () => {
    const packed = readFileSync(at('plain.img.zst'))
    const changed = Buffer.from(packed)
    changed[packed.length - 2]! ^= 0xff
    for (const bytes of [packed.subarray(0, packed.length - 100), changed]) {
      writeFileSync(at('bad.img.zst'), bytes)
      const path = disk('x', 9 * MIB)
      await assert.rejects(flash(at('bad.img.zst'), path), { code: 'FLASH_IMAGE_DAMAGED' })
      assertDoesNotBoot(path)
    }
  })

  it('notices a disk that does not keep what was written', async () => {
    for (const offset of [1 * MIB + 700, 3 * MIB]) {
      const path = disk('x', 9 * MIB)
      const onProgress = (phase: string, done: number, total: number) => {
        if (phase !== 'write' || done < total) return
        const fd = openSync(path, 'r+')
        writeAt(fd, Buffer.from([readFileSync(path)[offset]! ^ 1]), offset)
        closeSync(fd)
      }
      await assert.rejects(
        flash(at('mapped.img'), path, { onProgress }),
        fails('FLASH_VERIFY_FAILED'),
      )
      assertDoesNotBoot(path)
    }
  })

  it('notices a disk that ends before the size it claims', async () => {
    const path = disk('x', 9 * MIB)
    const onProgress = (phase: string, done: number, total: number) => {
      if (phase === 'write' && done === total) truncateSync(path, 3 * MIB)
    }
    await assert.rejects(
      flash(at('mapped.img'), path, { onProgress }),
      fails('FLASH_VERIFY_FAILED'),
    )
  })

  it('says where a disk failed', async () => {
    // Takes no byte: every write ends with ENOSPC.
    const target = { ...examine(disk('x', 9 * MIB)), path: '/dev/full' }
    await assert.rejects(
      flash(at('mapped.img'), target.path, { target }),
      fails('FLASH_WRITE_FAILED', /the disk failed at byte 0 \(ENOSPC\)/),
    )
  })

  it('says what to do without permission', async () => {
    const path = disk('x', 9 * MIB)
    const target = examine(path)
    const source = await openSource(at('mapped.img'))
    // Root may write everything; for a moment this process is nobody.
    const root = process.geteuid?.() === 0
    chmodSync(folder, 0o755)
    chmodSync(path, 0o444)
    if (root) process.seteuid!(65534)
    try {
      await assert.rejects(flash('', path, { source, target }), { code: 'FLASH_NO_PERMISSION' })
    } finally {
      if (root) process.seteuid!(0)
    }
  })
})

describe('opening an image', () => {
  const refused = (message: RegExp) => ({ code: 'FLASH_NOT_IMAGE', message })

  it('says what it is not', async () => {
    writeFileSync(at('zeros'), Buffer.alloc(2 * MIB))
    writeFileSync(at('tiny'), 'x')
    writeFileSync(at('empty'), '')
    for (const name of ['zeros', 'tiny', 'empty'])
      await assert.rejects(openSource(at(name)), refused(/is no Blocktree image: /))
    await assert.rejects(openSource(at('none')), refused(/there is no image/))
    writeFileSync(at('x.gz'), Buffer.from('1f8b0800', 'hex'))
    await assert.rejects(openSource(at('x.gz')), refused(/packed with gzip; unpack it first/))
    writeFileSync(at('x.zst'), Buffer.from('28b52ffd00', 'hex'))
    await assert.rejects(openSource(at('x.zst')), { name: 'FlashError' })
  })

  it('wants the labels of our partitions', async () => {
    const partitions = GPT.partitions.map(p => ({ ...p, label: `other-${p.label}` }))
    const { head, tail } = writeGpt({ ...GPT, partitions })
    const bytes = Buffer.alloc(IMAGE.length)
    head.copy(bytes)
    tail.copy(bytes, bytes.length - TAIL_BYTES)
    writeFileSync(at('other.img'), bytes)
    await assert.rejects(
      openSource(at('other.img')),
      refused(/no partition esp, root-a, verity-a, only other-/),
    )
  })

  it('refuses a raw image that is cut off', async () => {
    copyFileSync(at('plain.img'), at('cut.img'))
    const fd = openSync(at('cut.img'), 'r+')
    ftruncateSync(fd, 5 * MIB)
    closeSync(fd)
    await assert.rejects(openSource(at('cut.img')), refused(/only 5242880 are there/))
  })

  it('refuses a block map of another image, and a damaged one', async () => {
    copyFileSync(at('plain.img'), at('y.img'))
    writeFileSync(at('y.img.bmap'), writeBmap({ ...mapped.bmap, imageBytes: 9 * MIB }))
    await assert.rejects(openSource(at('y.img')), refused(/for an image of 9437184 bytes/))
    writeFileSync(at('y.img.bmap'), writeBmap(mapped.bmap).replace('0-', '1-'))
    await assert.rejects(openSource(at('y.img')), { code: 'BMAP_CHECKSUM' })
  })

  it('says where its ranges come from', async () => {
    for (const [name, map] of [
      ['plain.img', 'image'],
      ['mapped.img', 'bmap'],
      ['packed.img.zst', 'bmap'],
      ['plain.img.zst', 'none'],
    ] as const)
      assert.equal((await openSource(at(name))).map, map, name)
  })
})
