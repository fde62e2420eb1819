import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { colours } from '../../../image/cli/colour.ts'
import { sizeLines, sizes } from '../../../image/cli/size.ts'
import { columns } from '../../../image/cli/table.ts'
import { BEFORE } from '../disk/manifests.ts'

describe('bt size', () => {
  const folder = mkdtempSync(join(tmpdir(), 'size-'))
  after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'root.erofs'), Buffer.alloc(4096))
  const found = sizes(BEFORE, folder)

  it('lists packages, largest files and the parts that are there', () => {
    assert.equal(
      sizeLines(found, 2, colours(false)).join('\n'),
      `packages
  libc6       2.41-12  base       2.9 MB  98.9 %
  nftables    1.1.3-1  firewall  30.0 kB   1.0 %
  and 2 more                      1.0 kB   0.0 %

largest files
  /usr/lib/libc.so.6    2.0 MB  68.2 %
  /usr/lib/libm.so.6  900.0 kB  30.7 %

parts of the image
  root.erofs  4.1 kB  root file system

2.9 MB in 5 files of 4 packages`,
    )
  })

  it('adds up to the whole', () => {
    assert.equal(
      found.packages.reduce((n, p) => n + p.bytes, 0),
      found.total,
    )
    assert.equal(
      found.largest.reduce((n, f) => n + f.bytes, 0),
      found.total,
    )
  })

  it('manages an image without files', () => {
    const none = sizes({ ...BEFORE, files: [] }, join(folder, 'none'))
    assert.match(sizeLines(none, 5, colours(false)).join('\n'), /0 B in 0 files of 0 packages$/)
  })
})

describe('columns', () => {
  it('line up, figures to the right, colours not counted', () => {
    const bold = colours(true).bold
    assert.deepEqual(columns([['a', '1', 'x'], [bold('bb'), '22'], []], [1]), [
      'a    1  x',
      `${bold('bb')}  22`,
      '',
    ])
  })
})
