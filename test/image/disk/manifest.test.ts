import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { formatManifest, parseManifest, writeManifest } from '../../../image/disk/manifest.ts'
import { bytesByPackage, compareManifests, NO_PACKAGE } from '../../../image/disk/manifest-diff.ts'
import { assertGolden } from './golden.ts'
import { AFTER, BEFORE } from './manifests.ts'

const HEAD = { board: 'b', version: '1', profile: 'dev', kernel: 'linux' }

describe('manifest of a root', () => {
  const root = mkdtempSync(join(tmpdir(), 'manifest-'))
  after(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'bin'))
  chmodSync(join(root, 'bin'), 0o755)
  writeFileSync(join(root, 'bin/su'), 'su')
  chmodSync(join(root, 'bin/su'), 0o4755)
  symlinkSync('su', join(root, 'bin/sudo'))
  writeFileSync(join(root, 'made'), '')
  chmodSync(join(root, 'made'), 0o600)
  const packages = [
    { name: 'su', version: '1', recipe: 'base' },
    { name: 'gone', version: '2', recipe: 'base' },
  ]
  const of = new Map([
    ['bin', 'gone'],
    ['bin/su', 'su'],
    ['bin/sudo', 'su'],
    ['bin/pruned', 'gone'],
  ])

  it('lists every file with its package, and only packages that are left', () => {
    assert.deepEqual(writeManifest(root, HEAD, { packages, of }), {
      format: 1,
      ...HEAD,
      packages: [packages[0]],
      files: [
        { path: 'bin', type: 'dir', mode: 0o755, size: 0 },
        {
          path: 'bin/su',
          type: 'file',
          mode: 0o4755,
          size: 2,
          // sha256sum of the two letters
          sha256: '0a64ce10853f25cb3dc3f7d498f62d72b406be37ba8caf5aa7671414d9696049',
          package: 'su',
        },
        { path: 'bin/sudo', type: 'link', mode: 0o777, size: 2, target: 'su', package: 'su' },
        {
          path: 'made',
          type: 'file',
          mode: 0o600,
          size: 0,
          sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
        },
      ],
    })
  })

  it('refuses an owner that is not among the packages', () => {
    assert.throws(() => writeManifest(root, HEAD, { packages: [], of }), {
      code: 'MANIFEST_UNKNOWN_PACKAGE',
      message: /bin\/su is owned by su, which is not among the packages/,
    })
  })

  it('gives the golden text, and reads it back', () => {
    assertGolden('disk/manifest.json', formatManifest(BEFORE))
    assert.deepEqual(parseManifest(formatManifest(BEFORE)), BEFORE)
  })

  it('refuses what is no manifest, naming the field', () => {
    const file = { path: 'x', type: 'file', mode: 0, size: 0, sha256: '0'.repeat(64) }
    const cases: [RegExp, unknown][] = [
      [/format is undefined/, null],
      [/format is 2/, { ...BEFORE, format: 2 }],
      [/board is 3, text expected/, { ...BEFORE, board: 3 }],
      [/no packages or no files/, { ...BEFORE, files: {} }],
      [/packages\[0\].recipe/, { ...BEFORE, packages: [{ name: 'x', version: '1' }] }],
      [/files\[0\].path/, { ...BEFORE, files: [null] }],
      [/files\[0\].type is socket/, { ...BEFORE, files: [{ ...file, type: 'socket' }] }],
      [/files\[0\].mode is 4096/, { ...BEFORE, files: [{ ...file, mode: 4096 }] }],
      [/files\[0\].size is -1/, { ...BEFORE, files: [{ ...file, size: -1 }] }],
      [/files\[0\].sha256 is x/, { ...BEFORE, files: [{ ...file, sha256: 'x' }] }],
      [/files\[0\].target/, { ...BEFORE, files: [{ ...file, type: 'link' }] }],
      [/files\[0\].package is 1/, { ...BEFORE, files: [{ ...file, package: 1 }] }],
    ]
    for (const [message, value] of cases)
      assert.throws(() => parseManifest(JSON.stringify(value)), {
        code: 'MANIFEST_MALFORMED',
        message,
      })
    assert.throws(() => parseManifest('{'), { code: 'MANIFEST_MALFORMED', message: /is not JSON/ })
  })
})

describe('difference of two manifests', () => {
  const found = compareManifests(BEFORE, AFTER)

  it('is nothing between equal ones', () => {
    const { head, packages, files } = compareManifests(BEFORE, structuredClone(BEFORE))
    assert.deepEqual({ head, packages, files }, { head: {}, packages: [], files: [] })
  })

  it('names the fields of the image that differ', () => {
    assert.deepEqual(found.head, { version: ['1.0.0', '1.1.0'] })
  })

  it('lists packages with another version or another file', () => {
    assert.deepEqual(
      found.packages.map(p => [p.name, p.before, p.after, p.bytesAfter - p.bytesBefore, p.files]),
      [
        [NO_PACKAGE, undefined, undefined, 50, 1],
        ['libc6', '2.41-12', '2.41-13', 100_000, 1],
        ['new', undefined, '3', 5_000, 1],
        ['nftables', '1.1.3-1', '1.1.3-1', 0, 1],
        ['old', '1', undefined, -100, 1],
        ['system', '', '', 0, 1],
      ],
    )
  })

  it('lists files by how much their size changed, with what changed', () => {
    assert.deepEqual(
      found.files.map(f => [f.change, f.path, f.what.join()]),
      [
        ['changed', 'usr/lib/libc.so.6', 'contents'],
        ['added', 'usr/share/new', ''],
        ['removed', 'etc/old.conf', ''],
        ['changed', 'etc/ld.so.cache', 'contents'],
        ['changed', 'lib', 'target usr/lib -> usr/lib/new'],
        ['changed', 'usr/bin/nft', 'mode 644 -> 755'],
      ],
    )
    assert.equal(found.bytesAfter - found.bytesBefore, 100_000 + 5_000 - 100 + 50)
  })

  it('sees another type and another package', () => {
    const changed = {
      ...BEFORE,
      files: BEFORE.files.map(f =>
        f.path === 'etc' ? { ...f, type: 'link' as const, target: 'x' } : { ...f, package: 'old' },
      ),
    }
    const what = compareManifests(BEFORE, changed).files.flatMap(f => f.what)
    assert.ok(what.includes('dir -> link') && what.includes('package libc6 -> old'), what.join())
  })

  it('adds up what packages take', () => {
    assert.deepEqual(
      [...bytesByPackage(BEFORE)],
      [
        [NO_PACKAGE, 900],
        ['old', 100],
        ['nftables', 30_000],
        ['libc6', 2_900_000],
      ],
    )
  })
})
