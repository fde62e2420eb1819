import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import parseSpdx from 'spdx-expression-parse'
import { joined, spdxOf } from '../../../image/report/license-names.ts'

const unknown = (name: string) => `LicenseRef-${name.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}`
const spdx = (text: string) => joined(spdxOf(text, unknown))

describe('short names of licences, DEP-5', () => {
  const KNOWN: [string, string][] = [
    ['GPL-2', 'GPL-2.0-only'],
    ['GPL-2+', 'GPL-2.0-or-later'],
    ['GPL-2.0', 'GPL-2.0-only'],
    ['GPL-2.0+', 'GPL-2.0-or-later'],
    ['GPL', 'GPL-1.0-or-later'],
    ['LGPL-2.1+', 'LGPL-2.1-or-later'],
    ['LGPL-2.1-or-later', 'LGPL-2.1-or-later'],
    ['lgpl-3', 'LGPL-3.0-only'],
    ['AGPL-3+', 'AGPL-3.0-or-later'],
    ['GFDL-NIV-1.3', 'GFDL-1.3-no-invariants-only'],
    ['Expat', 'MIT'],
    ['MIT/X11', 'MIT'],
    ['BSD-3-clause', 'BSD-3-Clause'],
    ['zlib', 'Zlib'],
    ['Apache-2', 'Apache-2.0'],
    ['CC0-1.0', 'CC0-1.0'],
    ['GPL-2 with Linux-syscall-note exception', 'GPL-2.0-only WITH Linux-syscall-note'],
    ['GPL-3+ with Bison exception', 'GPL-3.0-or-later WITH Bison-exception-2.2'],
  ]
  for (const [text, expected] of KNOWN)
    it(`${text} is ${expected}`, () => {
      assert.equal(spdx(text), expected)
      parseSpdx(expected)
    })

  const UNKNOWN = [
    'public-domain',
    'custom',
    'Artistic',
    'GPL-9',
    'GPL-2+ with Moon exception',
    'e',
  ]
  for (const name of UNKNOWN)
    it(`${name} is not known to SPDX`, () => {
      assert.equal(spdx(name), unknown(name))
      parseSpdx(spdx(name))
    })

  const MORE: [string, string][] = [
    ['GPL-2+ or Expat', 'GPL-2.0-or-later OR MIT'],
    ['Expat and ISC', 'ISC AND MIT'],
    ['Expat AND Expat', 'MIT'],
    ['GPL-2+ or Artistic and ISC', 'GPL-2.0-or-later OR (ISC AND LicenseRef-Artistic)'],
    ['GPL-2+ or AFL-2.1, and Expat', '(GPL-2.0-or-later OR AFL-2.1) AND MIT'],
    ['GPL-2 and ISC, or Expat', '(GPL-2.0-only AND ISC) OR MIT'],
    ['GPL-2, and GPL-2', 'GPL-2.0-only'],
    [
      'GPL-2 with Linux-syscall-note exception OR BSD-3-Clause',
      'GPL-2.0-only WITH Linux-syscall-note OR BSD-3-Clause',
    ],
  ]
  for (const [text, expected] of MORE)
    it(`"${text}" is ${expected}`, () => {
      assert.equal(spdx(text), expected)
      parseSpdx(spdx(text))
    })
})
