/** Every error code is provoked by a test, and docs/errors.md lists what there is. */
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { meaning } from './error-meaning.ts'
import { classesIn, errorClasses, errorsMarkdown } from './errors.ts'
import { none } from './none.ts'
import { read, REPO, sources } from './sources.ts'

const classes = errorClasses()

describe('error classes', () => {
  it('are found', () => {
    assert.ok(classes.length >= 10, `${classes.length} seen`)
  })

  it('have names and codes of their own', () => {
    const twice = (all: readonly string[]) => all.filter((one, i) => all.indexOf(one) !== i)
    assert.deepEqual(twice(classes.map(({ name }) => name)), [])
    assert.deepEqual(twice(classes.flatMap(({ codes }) => codes)), [])
  })

  it('have every code in some test', () => {
    const tests = sources()
      .filter(path => path.endsWith('.test.ts') && !path.startsWith('test/rules/'))
      .map(path => read(path))
      .join('\n')
    const codes = classes.flatMap(({ codes, name, file }) =>
      codes.map(code => ({ code, name, file })),
    )
    const untested = codes.filter(({ code }) => !new RegExp(`\\b${code}\\b`).test(tests))
    none(
      untested.map(({ code, file }) => `${code} (${file})`),
      'codes are in no test',
    )
  })

  it('are listed in docs/errors.md', () => {
    const path = join(REPO, 'docs', 'errors.md')
    const text = errorsMarkdown(classes)
    if (process.env['BT_UPDATE'] === '1') writeFileSync(path, text)
    const advice = 'docs/errors.md is out of date: BT_UPDATE=1 bt test test/rules/errors writes it'
    assert.equal(existsSync(path) ? read('docs/errors.md') : '', text, advice)
  })
})

describe('the reader of error classes', () => {
  const SHAPES: [string, string][] = [
    ['a union in the class', "  readonly code: 'A_B' | 'C_D'\n"],
    ['a union over lines', "  readonly code:\n    | 'A_B'\n    | 'C_D'\n  readonly more: string\n"],
    [
      'another class’s literals after it',
      "  readonly code: 'A_B' | 'C_D'\n  readonly kind: 'NOT'\n",
    ],
  ]
  for (const [what, body] of SHAPES)
    it(`reads ${what}`, () => {
      const text = `export class XError extends Error {\n${body}}\n`
      assert.deepEqual(classesIn('x.ts', text), [
        { name: 'XError', file: 'x.ts', codes: ['A_B', 'C_D'] },
      ])
    })

  it('reads a named type and a single code', () => {
    const named =
      "export type Code = 'A_B' | 'C_D'\n\nexport class XError extends Error {\n  readonly code: Code\n}\n"
    assert.deepEqual(classesIn('x.ts', named)[0]!.codes, ['A_B', 'C_D'])
    const single = "export class XError extends Error {\n  readonly code = 'A_B'\n}\n"
    assert.deepEqual(classesIn('x.ts', single)[0]!.codes, ['A_B'])
  })

  it('fails on a code that is any string', () => {
    const text = 'export class XError extends Error {\n  readonly code: string\n}\n'
    assert.throws(() => classesIn('x.ts', text), /codes of XError were not found/)
  })

  const MEANINGS: [string, string, string][] = [
    ['a message', "throw new XError('A_B', 'nothing there')", 'nothing there'],
    [
      'a message in pieces',
      "new XError(\n'A_B',\n`found ${x.length}, ` +\n'expected 3',\n)",
      'found …, expected 3',
    ],
    [
      'a template in a template',
      "new XError('A_B', `no ${x ? `y${z}` : '}'} here`, y)",
      'no … here',
    ],
    ['a call between', "new XError('A_B', 'it has ' + list(a, 'b') + ' only')", 'it has … only'],
    ['a docstring', '@throws {XError} `A_B` nothing there; `C_D` too much.', 'nothing there'],
    ['nothing', 'const code = "A_B"', ''],
  ]
  for (const [what, text, expected] of MEANINGS)
    it(`takes the meaning of a code from ${what}`, () => {
      assert.equal(meaning('A_B', [text]), expected)
    })
})
