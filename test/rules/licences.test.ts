/** Every file has a clear licence, and the texts of all licences are here (reuse.software 3.3). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import picomatch from 'picomatch'
import { none } from './none.ts'
import { files, read } from './sources.ts'

const tables = read('REUSE.toml').split('[[annotations]]').slice(1)
const annotations = tables.map(table => {
  const value = (key: string) => new RegExp(`^${key} = (.+)$`, 'm').exec(table)?.[1] ?? '""'
  const path = JSON.parse(value('path')) as string | string[]
  return {
    fits: picomatch(path as string, { dot: true }),
    license: JSON.parse(value('SPDX-License-Identifier')) as string,
    copyright: JSON.parse(value('SPDX-FileCopyrightText')) as string,
  }
})

describe('licences', () => {
  it('cover every file, with a holder', () => {
    assert.ok(annotations.length > 0)
    for (const { license, copyright } of annotations) assert.ok(license !== '' && copyright !== '')
    none(
      files().filter(path => !annotations.some(({ fits }) => fits(path))),
      'files have no licence',
    )
  })

  it('have their texts in LICENSES, and no text is there for nothing', () => {
    const named = annotations.flatMap(({ license }) => license.split(/ (?:AND|OR|WITH) |[()]/))
    const wanted = [...new Set(named)].sort().map(id => `LICENSES/${id}.txt`)
    const present = files().filter(path => path.startsWith('LICENSES/'))
    assert.deepEqual(present.sort(), wanted)
  })

  it('of the project is Apache-2.0, in the top folder too', () => {
    assert.match(read('LICENSE'), /Apache License\s+Version 2\.0, January 2004/)
    assert.equal(read('LICENSE'), read('LICENSES/Apache-2.0.txt'))
    assert.equal(JSON.parse(read('package.json')).license, 'Apache-2.0')
  })

  it('are claimed by no file against REUSE.toml', () => {
    const tag = 'SPDX-License-Identifier'
    const other = files().filter(path => {
      const claim = new RegExp(`^\\W{0,4}${tag}: (.+?)\\s*(?:\\*/)?$`, 'm').exec(read(path))?.[1]
      return (
        claim !== undefined &&
        !annotations.some(({ license, fits }) => fits(path) && license === claim)
      )
    })
    none(other, 'files claim another licence')
  })
})
