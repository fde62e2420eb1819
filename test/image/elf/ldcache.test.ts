import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseLdCache, writeLdCache } from '../../../image/elf/ldcache.ts'
import { compareNames } from '../../../image/elf/library-order.ts'
import { findLibraries } from '../../../image/elf/libraries.ts'
import { libraryFolders } from '../../../image/elf/library-folders.ts'
import { run } from '../../../image/spawn.ts'
import { verb } from '../../../image/verbs/ldcache.ts'
import { assertGolden, hexRows } from '../disk/golden.ts'
import { find, lacking } from '../disk/tools.ts'
import { AARCH64, makeElf } from './make-elf.ts'
import { tree, type Files } from './tree.ts'

const MULTI = 'usr/lib/x86_64-linux-gnu'
const so = (soname?: string) => makeElf(soname === undefined ? {} : { soname })

/** Every case that ldconfig(8) decides about. */
const FILES: Files = {
  lib: '-> usr/lib',
  lib64: '-> usr/lib64',
  'etc/ld.so.conf': 'include /etc/ld.so.conf.d/*.conf\n',
  'etc/ld.so.conf.d/20-last.conf': '/opt/lib\n',
  'etc/ld.so.conf.d/10-first.conf': '# first\n/usr/local/lib/ # trailing slash\n\n/nowhere\n',
  'etc/ld.so.conf.d/30-multi.conf': `/lib/x86_64-linux-gnu\n/${MULTI}\n`,
  [`${MULTI}/libc.so.6`]: so('libc.so.6'),
  [`${MULTI}/ld-linux-x86-64.so.2`]: so('ld-linux-x86-64.so.2'),
  // The usual link, and the name for linkers.
  [`${MULTI}/libz.so.1.3.1`]: so('libz.so.1'),
  [`${MULTI}/libz.so.1`]: '-> libz.so.1.3.1',
  [`${MULTI}/libz.so`]: '-> libz.so.1',
  // Two versions; the link is missing and the higher one gets it.
  [`${MULTI}/libtwo.so.2.9`]: so('libtwo.so.2'),
  [`${MULTI}/libtwo.so.2.10`]: so('libtwo.so.2'),
  // No SONAME: the file's own name.
  [`${MULTI}/libplain.so`]: so(),
  // A link to elsewhere, absolute inside the tree.
  [`${MULTI}/libabs.so.3`]: '-> /opt/private/libabs.so.3.1',
  'opt/private/libabs.so.3.1': so('libabs.so.3'),
  // Not libraries.
  [`${MULTI}/libscript.so`]: 'GROUP ( libc.so.6 )',
  [`${MULTI}/libstale.so.1`]: '-> nothing',
  [`${MULTI}/plugin.so`]: so('plugin.so'),
  [`${MULTI}/libprogram.so.1`]: makeElf({ type: 2 }),
  [`${MULTI}/sub/libsub.so.1`]: so('libsub.so.1'),
  // One name in three folders, and names whose order takes numbers.
  'usr/local/lib/libz.so.1': so('libz.so.1'),
  'opt/lib/libz.so.1': so('libz.so.1'),
  'usr/lib/libfoo.so.9': so('libfoo.so.9'),
  'usr/lib/libfoo.so.10': so('libfoo.so.10'),
  'usr/lib/libfoo2.so.1': so('libfoo2.so.1'),
  'usr/lib/libfoo-x.so.1': so('libfoo-x.so.1'),
}

describe('library folders', () => {
  it('are those of ld.so.conf in its order, then the built-in ones, each once', () => {
    assert.deepEqual(libraryFolders(tree(FILES)), [
      '/usr/local/lib',
      '/opt/lib',
      '/lib/x86_64-linux-gnu',
      '/lib',
    ])
  })

  it('survive a configuration that includes itself', () => {
    const root = tree({
      'etc/ld.so.conf': 'include /etc/*.conf\ninclude ld.so.conf\n/a\n',
      'a/x': '',
    })
    assert.deepEqual(libraryFolders(root), ['/a'])
  })
})

describe('ld.so.cache', () => {
  it('gives the golden bytes: those of ldconfig 2.41 but for the name of the maker', () => {
    const cache = writeLdCache(findLibraries(tree(FILES)), 'golden')
    assertGolden('elf/ld.so.cache.hex', hexRows(cache))
  })

  it('lists names so that the loader finds each by halving', () => {
    const entries = parseLdCache(writeLdCache(findLibraries(tree(FILES))))
    assert.equal(entries.length, 13)
    for (let i = 1; i < entries.length; i++)
      assert.ok(compareNames(entries[i - 1]!.soname, entries[i]!.soname) >= 0)
    assert.deepEqual(
      entries.filter(e => e.soname === 'libz.so.1').map(e => e.path),
      ['/usr/local/lib/libz.so.1', '/opt/lib/libz.so.1', '/lib/x86_64-linux-gnu/libz.so.1'],
    )
  })

  it('orders names as dl-cache does: numbers by value, digits after letters', () => {
    const sorted = ['liba.so', 'liba.so.2', 'liba.so.9', 'liba.so.10', 'liba1.so', 'libb.so']
    assert.deepEqual(sorted.toReversed().toSorted(compareNames), sorted)
    assert.equal(compareNames('libx.so.010', 'libx.so.10'), 0)
    assert.ok(compareNames('libx.so.99999999999999999999', 'libx.so.100000000000000000000') < 0)
  })

  it('marks libraries of arm64 as the loader there wants it', () => {
    const root = tree({ 'usr/lib/libc.so.6': makeElf({ soname: 'libc.so.6', machine: AARCH64 }) })
    assert.equal(parseLdCache(writeLdCache(findLibraries(root)))[0]!.flags, 0x0a03)
    const odd = tree({ 'usr/lib/libc.so.6': makeElf({ soname: 'libc.so.6', machine: 243 }) })
    assert.throws(() => writeLdCache(findLibraries(odd)), {
      code: 'LDCACHE_MACHINE',
      message: /libc.so.6 is for machine 243/,
    })
  })

  it('refuses to read what is no cache', () => {
    const good = writeLdCache(findLibraries(tree(FILES)))
    const many = Buffer.from(good)
    many.writeUInt32LE(0xffffff, 20)
    const far = Buffer.from(good)
    far.writeUInt32LE(0xffffff, 48 + 4)
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(100), many, far, good.subarray(0, 60)])
      assert.throws(() => parseLdCache(bytes), { code: 'LDCACHE_MALFORMED' })
  })
})

describe('verb ldcache', () => {
  const call = async (root: string, ...args: string[]) => {
    const printed: string[] = []
    await verb.run({ args, cwd: root, env: {}, print: line => printed.push(line) })
    return printed
  }

  it('writes the cache and the links that are missing, and finds nothing to do the second time', async () => {
    const root = tree(FILES)
    const printed = await call(root, '.')
    assert.equal(readlinkSync(join(root, MULTI, 'libtwo.so.2')), 'libtwo.so.2.10')
    assert.deepEqual(printed, [
      '/lib/x86_64-linux-gnu/libtwo.so.2 -> libtwo.so.2.10',
      '13 libraries',
    ])
    const cache = readFileSync(join(root, 'etc/ld.so.cache'))
    for (const { path } of parseLdCache(cache))
      assert.ok(existsSync(join(root, path)) || path.includes('libabs'))
    assert.deepEqual(await call(root, '.'), ['13 libraries'])
    assert.deepEqual(readFileSync(join(root, 'etc/ld.so.cache')), cache)
  })

  it('refuses a folder that is no root', async () => {
    await assert.rejects(call(tree({}), '.'), /no shared library/)
    await assert.rejects(call(tree({}), 'none'), /there is no folder none/)
    await assert.rejects(call(tree({})), /usage: ldcache ROOT/)
  })
})

describe('judge of ld.so.cache', () => {
  it('ldconfig -p reads every entry', { skip: lacking('ldconfig') }, async () => {
    const root = tree(FILES)
    mkdirSync(join(root, 'etc'), { recursive: true })
    const file = join(root, 'cache')
    const libraries = findLibraries(root)
    writeFileSync(file, writeLdCache(libraries))
    const { stdout } = await run(find('ldconfig')!, ['-p', '-C', file])
    const lines = stdout.toString().trim().split('\n')
    assert.match(lines[0]!, /^13 libs found/)
    assert.equal(lines.at(-1), 'Cache generated by: blocktree')
    for (const { soname, path } of libraries)
      assert.ok(lines.includes(`\t${soname} (libc6,x86-64) => ${path}`), soname)
  })

  it(
    'ldconfig -r makes the same bytes',
    { skip: process.getuid?.() === 0 ? lacking('ldconfig') : 'ldconfig -r needs root' },
    async () => {
      const root = tree(FILES)
      await run(find('ldconfig')!, ['-r', root, '-X'])
      const theirs = readFileSync(join(root, 'etc/ld.so.cache'))
      const generator = /ldconfig \(.*$/s.exec(theirs.toString('latin1'))![0]
      assert.ok(writeLdCache(findLibraries(root), generator).equals(theirs))
    },
  )
})
