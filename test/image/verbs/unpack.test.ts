/** The verb `unpack` on packages and archives made here, and on hostile ones. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { scan } from '../../../image/engine/tree.ts'
import { verb } from '../../../image/verbs/unpack.ts'
import { tarOf, type Made } from '../unpack/tar-bytes.ts'
import { steps, type Steps } from './call.ts'

describe('verb unpack', () => {
  const all: Steps[] = []
  let at: Steps['at']
  let unpack: (line: string) => Promise<unknown>
  beforeEach(() => {
    const here = steps()
    all.push(here)
    at = here.at
    unpack = line => here.call(verb, line)
  })
  after(() => all.forEach(({ end }) => end()))

  /** Writes a file with its folders. */
  const put = (path: string, bytes: string | Buffer) => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), bytes)
    return path
  }
  const text = (path: string) => readFileSync(at(path), 'utf8')
  const mode = (path: string) => statSync(at(path)).mode & 0o7777

  /** A package with these members and no scripts. */
  const deb = (name: string, ...members: Made[]) => {
    put(`${name}/debian-binary`, '2.0\n')
    const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: N <n@e>\nDescription: d\n`
    put(`${name}/control.tar.gz`, gzipSync(tarOf({ path: './control', bytes: control })))
    put(`${name}/data.tar.gz`, gzipSync(tarOf(...members)))
    const parts = ['debian-binary', 'control.tar.gz', 'data.tar.gz'].map(part => at(name, part))
    put(`debs/${name}.deb`, ar(parts))
    return `debs/${name}.deb`
  }

  const member = (path: string, bytes: string, mode = 0o644): Made => ({ path, bytes, mode })

  it('lists what came from which package, when it is told about them', async () => {
    deb(
      'a',
      { path: './bin/', type: '5', mode: 0o755 },
      member('./bin/one', '1'),
      { path: './bin/also', type: '2', target: 'one' },
      { path: './bin/same', type: '1', target: './bin/one' },
    )
    deb('b', member('./usr/share/b', 'b'))
    const rest = { arch: 'all', source: 's', sourceVersion: '1' }
    put('debs/packages.json', JSON.stringify([{ name: 'a', version: '1:2', ...rest }]))
    await unpack('debs out')
    assert.deepEqual(readdirSync(at('out/.packages')), ['a.json'])
    assert.deepEqual(JSON.parse(text('out/.packages/a.json')), {
      name: 'a',
      version: '1:2',
      ...rest,
      files: ['usr/bin/also', 'usr/bin/one', 'usr/bin/same'],
    })
    await unpack('debs/b.deb debs/a.deb single')
    assert.deepEqual(readdirSync(at('single/.packages')), ['a.json'])
  })

  it('leaves out what a glob names, folders as a whole, and a glob that names nothing', async () => {
    deb(
      'a',
      { path: './usr/share/man/', type: '5' },
      member('./usr/share/man/man1/a.1', 'x'),
      member('./lib/man/b', 'x'),
      member('./usr/share/kept', 'x'),
      { path: './usr/share/man/man1/link', type: '2', target: 'a.1' },
    )
    const rest = { arch: 'all', source: 's', sourceVersion: '1' }
    put('debs/packages.json', JSON.stringify([{ name: 'a', version: '1', ...rest }]))
    await unpack('debs out --without usr/{share,lib}/man/**')
    const paths = (folder: string) => scan(at(folder)).map(({ path }) => path)
    assert.deepEqual(
      paths('out').filter(path => !path.startsWith('.')),
      ['lib', 'usr', 'usr/share', 'usr/share/kept'],
    )
    const { files } = JSON.parse(text('out/.packages/a.json')) as { files: string[] }
    assert.deepEqual(files, ['usr/share/kept'])
    await unpack('debs two --without usr/share/man/** --without usr/lib/**')
    assert.deepEqual(paths('two'), paths('out'))
    await assert.rejects(
      unpack('debs three --without usr/share/man/** --without usr/share/info/**'),
      /usr\/share\/info\/\*\* matches nothing/,
    )
  })

  it('unpacks a folder of packages with modes, links and hard links', async () => {
    deb(
      'a',
      { path: './', type: '5', mode: 0o700 },
      { path: './usr/', type: '5', mode: 0o755 },
      { path: './usr/bin/', type: '5', mode: 0o750 },
      member('./usr/bin/one', 'one', 0o4755),
      { path: './usr/bin/two', type: '2', target: 'one' },
      { path: './usr/bin/three', type: '1', target: './usr/bin/one' },
    )
    deb('b', member('./usr/share/b', 'b', 0o600), { path: './empty', type: '5', mode: 0o1777 })
    put('debs/readme.txt', 'not a package')
    await unpack('debs out')
    assert.equal(text('out/usr/bin/three'), 'one')
    assert.equal(readlinkSync(at('out/usr/bin/two')), 'one')
    assert.equal(statSync(at('out/usr/bin/one')).ino, statSync(at('out/usr/bin/three')).ino)
    assert.deepEqual(
      ['out/usr/bin/one', 'out/usr/bin', 'out/usr/share', 'out/usr/share/b', 'out/empty'].map(mode),
      [0o4755, 0o750, 0o755, 0o600, 0o1777],
    )
    assert.equal(statSync(at('out/usr/bin/one')).mtimeMs, 1700000000_000)
  })

  it('makes the same tree under any umask, and from any order of packages', async () => {
    for (let i = 0; i < 12; i++)
      deb(
        `p${i}`,
        { path: './usr/shared', type: '5', mode: i % 2 ? 0o711 : 0o755 },
        member(`./usr/shared/f${i}`, 'x'.repeat(i * 9000)),
        member('./usr/shared/licence', 'the same', 0o644),
      )
    await unpack('debs out')
    const umask = process.umask(0o077)
    try {
      await unpack('debs strict')
      const names = readdirSync(at('debs')).map(name => `debs/${name}`)
      await unpack(`${names.join(' ')} listed`)
    } finally {
      process.umask(umask)
    }
    const [first, ...others] = ['out', 'strict', 'listed'].map(name => scan(at(name)))
    assert.equal(mode('out/usr/shared'), 0o755)
    for (const other of others) assert.deepEqual(other, first)
  })

  it('runs no maintainer script and keeps no control file', async () => {
    put(
      's/DEBIAN/control',
      'Package: s\nVersion: 1\nArchitecture: all\nMaintainer: N <n@e>\nDescription: d\n',
    )
    put('s/DEBIAN/postinst', '#!/bin/sh\ntouch ran\n')
    chmodSync(at('s/DEBIAN/postinst'), 0o755)
    put('s/usr/file', 'f')
    execFileSync('dpkg-deb', ['--build', '--root-owner-group', at('s'), at('s.deb')])
    await unpack('s.deb out')
    assert.deepEqual(
      scan(at('out')).map(({ path }) => path),
      ['usr', 'usr/file'],
    )
    assert.ok(!existsSync(at('ran')))
  })

  it("puts lib, bin and sbin below usr, as Debian's merged tree has them", async () => {
    deb('old', { path: './lib', type: '5' }, member('./lib/x', 'x'), member('./bin/y', 'y'))
    deb('base', { path: './bin', type: '2', target: 'usr/bin' })
    deb('new', member('./usr/lib/z', 'z'), { path: './lib/same', type: '1', target: './usr/lib/z' })
    await unpack('debs out')
    assert.equal(readlinkSync(at('out/lib')), 'usr/lib')
    assert.equal(readlinkSync(at('out/bin')), 'usr/bin')
    assert.deepEqual(readdirSync(at('out/usr/lib')).sort(), ['same', 'x', 'z'])
    assert.equal(text('out/lib/same') + text('out/bin/y'), 'zy')
    assert.ok(!existsSync(at('out/sbin')))
  })

  it('names both packages that ship one path differently', async () => {
    const differences: [Made, Made][] = [
      [member('./f', 'a'), member('./f', 'b')],
      [member('./f', 'a', 0o644), member('./f', 'a', 0o755)],
      [member('./f', 'a'), { path: './f', type: '2', target: 'g' }],
      [
        { path: './f', type: '2', target: 'h' },
        { path: './f', type: '2', target: 'g' },
      ],
      [
        { path: './f', type: '5' },
        { path: './f', type: '2', target: 'g' },
      ],
      [{ path: './f', type: '5' }, member('./f', 'a')],
      [member('./f/below', 'a'), member('./f', 'a')],
    ]
    for (const [i, [first, second]] of differences.entries())
      for (const [a, b] of [
        [first, second],
        [second, first],
      ] as const) {
        const files = [deb('first', a), deb('second', b)].join(' ')
        await assert.rejects(
          unpack(`${files} out-${i}-${a === first ? 1 : 2}`),
          {
            code: 'UNPACK_CONFLICT',
            message: /f comes from first\.deb and, differently, from second\.deb/,
          },
          JSON.stringify([a, b]),
        )
      }
  })

  it('lets two packages ship the same file', async () => {
    deb('a', member('./f', 'same'), { path: './l', type: '2', target: 'f' })
    deb('b', member('./f', 'same'), { path: './l', type: '2', target: 'f' })
    await unpack('debs out')
    assert.equal(text('out/l'), 'same')
  })

  it('overwrites nothing that is there already', async () => {
    const file = deb('a', member('./f', 'new'))
    put('out/f', 'mine')
    await assert.rejects(unpack(`${file} out`), {
      code: 'UNPACK_CONFLICT',
      message: /a\.deb and, differently, from what was in the folder before/,
    })
    assert.equal(text('out/f'), 'mine')
  })

  it('writes nothing outside the folder', async () => {
    put('secret', 'untouched')
    const hostile: Made[][] = [
      [member('../secret', 'bad')],
      [member('/tmp/secret-of-unpack', 'bad')],
      [member('a/../../secret', 'bad')],
      [{ path: 'l', type: '2', target: '..' }, member('l/secret', 'bad')],
      [{ path: 'l', type: '2', target: at('') }, member('l/secret', 'bad')],
      [{ path: 'l', type: '2', target: '../secret' }, member('l', 'bad')],
      [{ path: 'h', type: '1', target: '../secret' }, member('h', 'bad')],
      [{ path: 'h', type: '1', target: 'nothing' }],
      [
        { path: 'l', type: '2', target: '..' },
        { path: 'h', type: '1', target: 'l/secret' },
      ],
      [{ path: '.', type: '2', target: '..' }],
    ]
    for (const [i, members] of hostile.entries()) {
      put('bad.tar', tarOf(...members))
      await assert.rejects(
        unpack(`bad.tar out${i}`),
        { name: 'UnpackError' },
        JSON.stringify(members),
      )
      assert.equal(text('secret'), 'untouched')
    }
    assert.ok(!existsSync('/tmp/secret-of-unpack'))
    put('bad.tar', tarOf(hostile[0]![0]!))
    await assert.rejects(unpack('bad.tar out'), { code: 'UNPACK_ESCAPES', message: /^bad\.tar: / })
  })

  it('does not follow a link that was there before', async () => {
    mkdirSync(at('elsewhere'))
    mkdirSync(at('out'))
    symlinkSync('../elsewhere', at('out/d'))
    put('a.tar', tarOf(member('d/f', 'bad')))
    await assert.rejects(unpack('a.tar out'), { code: 'UNPACK_CONFLICT' })
    assert.deepEqual(readdirSync(at('elsewhere')), [])
    assert.ok(lstatSync(at('out/d')).isSymbolicLink())
  })

  it('unpacks every kind of tarball', async () => {
    const bytes = tarOf(member('top/f', 'x'.repeat(100000)))
    put('a.tar', bytes)
    put('a.tgz', gzipSync(bytes))
    put('a.tar.gz', gzipSync(bytes))
    put('a.tar.zst', zstdCompressSync(bytes))
    put('a.tar.xz', execFileSync('xz', ['-c', at('a.tar')]))
    for (const kind of ['tar', 'tgz', 'tar.gz', 'tar.zst', 'tar.xz']) {
      await unpack(`a.${kind} out-${kind}`)
      assert.equal(text(`out-${kind}/top/f`).length, 100000, kind)
    }
  })

  it('drops the folder that npm puts around a package, whatever its name', async () => {
    const tgz = (top: string) =>
      gzipSync(tarOf({ path: top, type: '5' }, member(`${top}/a/b`, 'c')))
    put('src/npm/thing.tgz', tgz('package'))
    put('src/npm/@scope/thing.tgz', tgz('other'))
    await unpack('src/npm/thing.tgz one')
    await unpack('src/npm/@scope/thing.tgz two')
    assert.equal(text('one/a/b') + text('two/a/b'), 'cc')
  })

  it('refuses broken archives by name', async () => {
    const whole = readFileSync(at(deb('whole', member('./f', 'x'.repeat(5000)))))
    const broken: [string, Buffer | string][] = [
      ['cut.deb', whole.subarray(0, whole.length - 40)],
      ['text.deb', 'no package'],
      ['empty.tar', ''],
      ['text.tgz', 'no gzip'],
      ['cut.tgz', gzipSync(tarOf(member('f', 'x'.repeat(5000)))).subarray(0, 60)],
      ['text.tar.zst', 'no zstd'],
      ['text.tar.xz', 'no xz'],
    ]
    for (const [name, bytes] of broken) {
      put(name, bytes)
      await assert.rejects(
        unpack(`${name} out-${name}`),
        (error: Error & { code: string }) =>
          error.code === 'UNPACK_BAD_ARCHIVE' && error.message.includes(name),
        name,
      )
    }
  })

  it('says what it was given wrong', async () => {
    put('a.zip', 'x')
    mkdirSync(at('nothing'))
    await assert.rejects(unpack('a.zip out'), {
      code: 'UNPACK_UNKNOWN_KIND',
      message: /\.tar\.zst/,
    })
    await assert.rejects(unpack('missing.deb out'), { code: 'UNPACK_NO_ARCHIVE' })
    await assert.rejects(unpack('nothing out'), { code: 'UNPACK_NO_ARCHIVE', message: /no \.deb/ })
    await assert.rejects(unpack('out'), /too few arguments, expected: unpack ARCHIVE/)
  })
})

/** The container of a `.deb`: `!<arch>`, then 60-byte headers and contents. See ar(5), deb(5). */
function ar(files: readonly string[]): Buffer {
  const parts = files.flatMap(file => {
    const bytes = readFileSync(file)
    const name = file.slice(file.lastIndexOf('/') + 1)
    const head = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`
    return [Buffer.from(head), bytes, Buffer.alloc(bytes.length % 2, '\n')]
  })
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts])
}
