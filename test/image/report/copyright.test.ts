/** Copyright files of Debian packages: DEP-5 (copyright-format/1.0), and those for people only. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { declaredLicense } from '../../../image/report/copyright.ts'

const HEAD =
  'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nSource: x\n'

describe('copyright file of a Debian package', () => {
  it('names all licences of its files, with the texts of those without an SPDX id', () => {
    const text = `${HEAD}
Files: *
Copyright: 2020 Somebody
License: GPL-2+
 This program is free software

Files: a.c
  b.c
Copyright: nobody
License: public-domain
 No rights are
   reserved.
 .
 At all.

Files: c.c
Copyright: 1999 Someone
License: BSD-3-clause or odd

License: odd
 Do as you like.

License: never-used
 text
`
    const found = declaredLicense(text, 'source')
    assert.equal(
      found?.expression,
      '(BSD-3-Clause OR LicenseRef-source-odd) AND GPL-2.0-or-later AND LicenseRef-source-public-domain',
    )
    assert.deepEqual(
      [...found!.extracted],
      [
        [
          'LicenseRef-source-public-domain',
          { name: 'public-domain', text: 'No rights are\n  reserved.\n\nAt all.' },
        ],
        ['LicenseRef-source-odd', { name: 'odd', text: 'Do as you like.' }],
      ],
    )
  })

  it('takes the licence of the head when no files are listed', () => {
    const text = 'Format: http://dep.debian.net/deps/dep5/\nLicense: Expat\n text\n'
    assert.equal(declaredLicense(text, 's')?.expression, 'MIT')
  })

  it('is read with other line ends, blank lines with spaces and any case of names', () => {
    const text = `${HEAD}\n \nfiles: *\nlicense: ISC\n`.replaceAll('\n', '\r\n')
    assert.equal(declaredLicense(text, 's')?.expression, 'ISC')
  })

  const SILENT: [string, string][] = [
    ['is for people', 'This package was debianized by somebody.\n\nLicense: GPL-2\n'],
    ['is empty', ''],
    ['names no licence', `${HEAD}\nFiles: *\nCopyright: x\nLicense:\n`],
    ['has another format', 'Format: https://spdx.org/\n\nFiles: *\nLicense: MIT\n'],
  ]
  for (const [what, text] of SILENT)
    it(`says nothing when it ${what}`, () => {
      assert.equal(declaredLicense(text, 's'), undefined)
    })

  it('has something to show for a licence whose text it lacks', () => {
    const found = declaredLicense(`${HEAD}\nFiles: *\nLicense: strange (see: x)\n`, 'lib c++')
    assert.deepEqual(
      [...found!.extracted],
      [
        [
          'LicenseRef-lib-c--strange-see-x-',
          { name: 'strange (see: x)', text: 'See the copyright file of lib c++.' },
        ],
      ],
    )
  })
})
