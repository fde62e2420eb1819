/** The tar reader against GNU tar's formats, hand-made archives and broken ones. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { TarReader, type Member } from '../../../image/unpack/tar.ts'
import { pax, tarOf, type Made } from './tar-bytes.ts'

type Read = Member & { text: string }

/** All members, with the archive fed in pieces of `step` bytes. */
function read(archive: Buffer, step = archive.length): Read[] {
  const members: Read[] = []
  const reader = new TarReader(member => {
    const pieces: Buffer[] = []
    let ended = 0
    const found = { ...member, text: '' }
    members.push(found)
    return {
      write: bytes => void pieces.push(Buffer.from(bytes)),
      end() {
        assert.equal(++ended, 1)
        found.text = Buffer.concat(pieces).toString()
      },
    }
  })
  for (let at = 0; at < archive.length; at += step) reader.write(archive.subarray(at, at + step))
  reader.end()
  return members
}

const folder = mkdtempSync(join(tmpdir(), 'tar-'))
after(() => rmSync(folder, { recursive: true }))

describe('tar reader', () => {
  const long = `deep/${'n'.repeat(90)}/${'m'.repeat(90)}/${'ü'.repeat(60)}`
  mkdirSync(join(folder, long), { recursive: true })
  for (const bytes of [0, 1, 511, 512, 513, 70000])
    writeFileSync(join(folder, `file-${bytes}`), 'x'.repeat(bytes))
  writeFileSync(join(folder, long, 'end'), 'long')
  symlinkSync(`${'t'.repeat(150)}/target`, join(folder, 'link'))
  linkSync(join(folder, 'file-513'), join(folder, 'same'))
  chmodSync(join(folder, 'file-1'), 0o4711)

  for (const format of ['gnu', 'pax', 'posix', 'oldgnu'])
    it(`reads what GNU tar writes as ${format}, whatever the pieces`, () => {
      const args = ['-c', `--format=${format}`, '--sort=name', '-C', folder, '.']
      const archive = execFileSync('tar', args, { maxBuffer: 1 << 24 })
      const members = read(archive)
      const by = (path: string) => members.find(member => member.path === path)!
      assert.equal(by('./file-70000').text, 'x'.repeat(70000))
      assert.equal(by('./file-0').size, 0)
      assert.equal(by('./file-1').mode, 0o4711)
      assert.equal(by(`./${long}/end`).text, 'long')
      assert.equal(by('./link').target, `${'t'.repeat(150)}/target`)
      assert.deepEqual([by('./same').type, by('./same').target], ['hardlink', './file-513'])
      assert.ok(Math.abs(by('./file-1').mtime - Date.now() / 1000) < 600)
      for (const step of [1, 7, 511, 512, 513, 4096])
        assert.deepEqual(read(archive, step), members, `in pieces of ${step}`)
    })

  it('reads names split into prefix and name, and folders marked by a slash', () => {
    const [file, dir] = read(
      tarOf(
        { path: 'name', bytes: 'a', edit: head => head.write('pre/fix', 345) },
        { path: 'old/', type: '\0' },
      ),
    )
    assert.equal(file!.path, 'pre/fix/name')
    assert.equal(dir!.type, 'dir')
  })

  it('reads sizes in base 256 and from pax records', () => {
    const base256 = (head: Buffer) => {
      head.fill(0, 124, 136)
      head[124] = 0x80
      head[135] = 3
    }
    const [one] = read(tarOf({ path: 'a', bytes: 'abc', edit: base256 }))
    assert.equal(one!.text, 'abc')
    const [two, three] = read(
      tarOf(
        pax({ size: '2', path: 'ü', mtime: '12.5' }),
        { path: 'x', bytes: 'hi' },
        { path: 'y' },
      ),
    )
    assert.deepEqual([two!.path, two!.text, two!.mtime], ['ü', 'hi', 12])
    assert.deepEqual([three!.path, three!.mtime], ['y', 1700000000])
  })

  it('ignores global headers and what follows the end', () => {
    const archive = tarOf({ ...pax({ comment: 'c' }), type: 'g' }, { path: 'a' })
    assert.deepEqual(
      read(Buffer.concat([archive, Buffer.from('junk')])).map(m => m.path),
      ['a'],
    )
  })

  const refused: [string, Buffer, string][] = [
    ['nothing', Buffer.alloc(0), 'UNPACK_BAD_ARCHIVE'],
    ['text', Buffer.from('hello '.repeat(200)), 'UNPACK_BAD_ARCHIVE'],
    ['half a header', tarOf({ path: 'a' }).subarray(0, 300), 'UNPACK_BAD_ARCHIVE'],
    [
      'half a file',
      tarOf({ path: 'a', bytes: 'x'.repeat(600) }).subarray(0, 900),
      'UNPACK_BAD_ARCHIVE',
    ],
    ['a wrong checksum', flip(tarOf({ path: 'a' }), 1), 'UNPACK_BAD_ARCHIVE'],
    [
      'a size that is no number',
      tarOf(edited(head => head.write('9x', 124))),
      'UNPACK_BAD_ARCHIVE',
    ],
    ['an endless size', tarOf(edited(head => head.fill(0xff, 124, 136))), 'UNPACK_BAD_ARCHIVE'],
    ['a negative size', tarOf(pax({ size: '-1' }), { path: 'a' }), 'UNPACK_BAD_ARCHIVE'],
    ['a device', tarOf({ path: 'dev/null', type: '3' }), 'UNPACK_BAD_MEMBER'],
    ['a pipe', tarOf({ path: 'p', type: '6' }), 'UNPACK_BAD_MEMBER'],
    ['a sparse file', tarOf({ path: 's', type: 'S' }), 'UNPACK_BAD_MEMBER'],
    [
      'a sparse file of pax',
      tarOf(pax({ 'GNU.sparse.major': '1' }), { path: 's' }),
      'UNPACK_BAD_MEMBER',
    ],
    ['a name that is not UTF-8', tarOf(edited(head => (head[0] = 0xff))), 'UNPACK_BAD_MEMBER'],
    [
      'a pax header without end',
      tarOf({ path: 'p', type: 'x', bytes: '99 a=b\n' }),
      'UNPACK_BAD_ARCHIVE',
    ],
    ['a pax length of 0', tarOf({ path: 'p', type: 'x', bytes: '0 a=b\n' }), 'UNPACK_BAD_ARCHIVE'],
    [
      'a name of megabytes',
      tarOf({ path: 'L', type: 'L', bytes: 'n'.repeat(1 << 21) }),
      'UNPACK_BAD_ARCHIVE',
    ],
  ]
  for (const [what, archive, code] of refused)
    it(`refuses ${what}`, () => assert.throws(() => read(archive), { name: 'UnpackError', code }))

  it('never hangs or crashes on altered bytes', () => {
    const archive = tarOf(
      pax({ path: 'long' }),
      { path: 'a', bytes: 'abc' },
      { path: 'd', type: '5' },
    )
    for (let at = 0; at < archive.length; at++)
      for (const bit of [1, 128])
        try {
          read(flip(archive, at, bit))
        } catch (error) {
          assert.equal((error as Error).name, 'UnpackError', `byte ${at}: ${String(error)}`)
        }
  })
})

function edited(edit: (head: Buffer) => void): Made {
  return { path: 'a', edit }
}

function flip(archive: Buffer, at: number, bit = 1): Buffer {
  const copy = Buffer.from(archive)
  copy[at]! ^= bit
  return copy
}
