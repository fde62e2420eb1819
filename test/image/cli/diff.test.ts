import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { diff } from '../../../image/cli/diff.ts'
import { formatManifest } from '../../../image/disk/manifest.ts'
import { AFTER, BEFORE } from '../disk/manifests.ts'
import { captured } from './captured.ts'

describe('bt diff', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diff-'))
  after(() => rmSync(folder, { recursive: true }))
  for (const [name, manifest] of [
    ['a', BEFORE],
    ['b', AFTER],
  ] as const) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'manifest.json'), formatManifest(manifest))
    writeFileSync(join(folder, name, 'blocktree.img'), '')
  }
  const at = (name: string) => join(folder, name)
  const call = (a: string, b: string, values = {}, json = false) =>
    captured(io => diff.run({ positionals: [at(a), at(b)], values, json, io }))

  it('says what differs: fields, packages, files, and the sum', async () => {
    const { code, out } = await call('a', 'b')
    assert.equal(code, 0)
    assert.equal(
      out,
      `version 1.0.0 -> 1.1.0

packages
  ~ (made by the build)                          +50 B  1 file
  ~ libc6                2.41-12 -> 2.41-13  +100.0 kB  1 file
  + new                  3                     +5.0 kB  1 file
  ~ nftables             1.1.3-1                    ±0  1 file
  - old                  1                      -100 B  1 file
  ~ system                                          ±0  1 file

files
  ~ usr/lib/libc.so.6  +100.0 kB  contents
  + usr/share/new        +5.0 kB
  - etc/old.conf          -100 B
  ~ etc/ld.so.cache        +50 B  contents
  ~ lib                       ±0  target usr/lib -> usr/lib/new
  ~ usr/bin/nft               ±0  mode 644 -> 755

6 packages; files: 1 added, 1 removed, 4 changed; 2.9 MB -> 3.0 MB (+105.0 kB)
`,
    )
  })

  it('takes the manifest, the image beside it, or the folder of both', async () => {
    const { out } = await call('a', 'b')
    assert.equal((await call('a/manifest.json', 'b/blocktree.img')).out, out)
  })

  it('says so when nothing differs', async () => {
    assert.equal((await call('a', 'a')).out, 'no difference: the same 2.9 MB of files\n')
  })

  it('gives everything as JSON', async () => {
    const found = JSON.parse((await call('a', 'b', {}, true)).out)
    assert.equal(found.files.length, 6)
    assert.deepEqual(found.head.version, ['1.0.0', '1.1.0'])
  })

  it('shows the twenty largest changes unless asked for all', async () => {
    const files = Array.from({ length: 30 }, (_, i) => ({ ...BEFORE.files[1]!, path: `many/${i}` }))
    mkdirSync(at('c'))
    const many = { ...BEFORE, files: [...BEFORE.files, ...files] }
    writeFileSync(at('c/manifest.json'), formatManifest(many))
    assert.match((await call('a', 'c')).out, /\n  and 10 more; --all lists them\n/)
    assert.doesNotMatch((await call('a', 'c', { all: true })).out, /more;/)
  })

  it('says what is missing', async () => {
    await assert.rejects(call('a', 'none.img'), {
      code: 'MANIFEST_NOT_FOUND',
      message: /none.img: there is no manifest.json with it/,
    })
  })
})
