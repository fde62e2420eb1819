/** What is refused in recipes; every message names file, field, what was found and what was expected. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Context } from '../../../recipes/recipe.ts'
import { evaluate } from '../../../image/recipe/check.ts'
import { context, good } from './context.ts'

const FILE = 'recipes/good.ts'
const SHA = 'ab'.repeat(32)

describe('a recipe', () => {
  it('is given its defaults', () => {
    assert.deepEqual(evaluate(good, context, FILE), {
      ...good,
      ...{ kind: 'image', sources: [], needs: [], tools: [], check: [], file: FILE },
    })
  })

  it('is evaluated for its context, every field that may be a function', () => {
    const literal = {
      ...good,
      version: (c: Context) => c.version,
      needs: (c: Context) => [c.kernel],
      sources: (c: Context) => [{ debian: [`linux-image-${c.arch}`] }],
      steps: (c: Context) => [`write $out/${c.profile}`],
      ships: (c: Context) => [c.profile],
      check: (c: Context) => (c.profile === 'dev' ? ['false'] : []),
    }
    const { version, needs, sources, steps, ships, check } = evaluate(literal, context, FILE)
    assert.deepEqual(
      [version, needs, sources, steps, ships, check],
      [
        '1.2.3',
        ['linux'],
        [{ debian: ['linux-image-amd64'] }],
        ['write $out/dev'],
        ['dev'],
        ['false'],
      ],
    )
  })

  for (const license of [
    'MIT',
    'GPL-2.0-only WITH Linux-syscall-note',
    'MIT AND (Apache-2.0 OR ISC)',
    'debian',
    'LicenseRef-own',
  ])
    it(`may have the licence ${license}`, () => {
      assert.equal(evaluate({ ...good, license }, context, FILE).license, license)
    })

  for (const source of [
    { debian: ['a'], only: ['b*'], without: ['c'] },
    { npm: '@scope/name' },
    { files: ['node/**', '!node/web/**', 'a..b', '.config/x'] },
    { url: 'https://example.org/a/b-1.0.tar.xz', sha256: SHA },
  ])
    it(`may have the source ${JSON.stringify(source)}`, () => {
      assert.deepEqual(evaluate({ ...good, sources: [source] }, context, FILE).sources, [source])
    })
})

/** What is put over the good recipe (undefined takes a field away), the code, and the message. */
const REFUSED: [object, string, RegExp][] = [
  [
    { step: [] },
    'RECIPE_FIELD_UNKNOWN',
    /unknown field `step`, did you mean `steps`\?; known are name, about/,
  ],
  [{ licence: 'MIT' }, 'RECIPE_FIELD_UNKNOWN', /`licence`, did you mean `license`\?/],
  [{ zzzzzzzzzz: 1 }, 'RECIPE_FIELD_UNKNOWN', /`zzzzzzzzzz`; known are/],
  [{ toString: 1 }, 'RECIPE_FIELD_UNKNOWN', /unknown field `toString`/],
  [{ license: undefined }, 'RECIPE_FIELD_MISSING', /field `license` is missing; expected text/],
  [{ name: undefined }, 'RECIPE_FIELD_MISSING', /field `name` is missing/],
  [{ about: undefined }, 'RECIPE_FIELD_MISSING', /field `about` is missing/],
  [{ version: undefined }, 'RECIPE_FIELD_MISSING', /field `version` is missing/],
  [
    { steps: undefined },
    'RECIPE_FIELD_MISSING',
    /field `steps` is missing; expected list of steps/,
  ],
  [
    { ships: undefined },
    'RECIPE_FIELD_MISSING',
    /field `ships` is missing; expected list of globs/,
  ],
  [{ steps: () => undefined }, 'RECIPE_FIELD_MISSING', /field `steps` is missing/],
  [
    { license: 'Apache 2' },
    'RECIPE_LICENSE',
    /`license` is Apache 2, expected an SPDX expression such as/,
  ],
  [{ license: 'GPL' }, 'RECIPE_LICENSE', /`license` is GPL, expected/],
  [{ license: 'Debian' }, 'RECIPE_LICENSE', /`license` is Debian/],
  [{ license: '' }, 'RECIPE_FIELD_TYPE', /`license` is "", expected text/],
  [{ version: 1 }, 'RECIPE_FIELD_TYPE', /`version` is 1, expected text/],
  [{ about: 'two\nlines' }, 'RECIPE_FIELD_TYPE', /`about` is "two\\nlines", expected text/],
  [{ steps: 'write' }, 'RECIPE_FIELD_TYPE', /`steps` is "write", expected list of steps/],
  [{ steps: [['write']] }, 'RECIPE_FIELD_TYPE', /`steps` is \[\["write"\]\]/],
  [{ ships: [''] }, 'RECIPE_FIELD_TYPE', /`ships` is \[""\], expected list of globs/],
  [{ needs: [5] }, 'RECIPE_FIELD_TYPE', /`needs` is \[5\], expected list of names/],
  [{ needs: { base: 1 } }, 'RECIPE_FIELD_TYPE', /`needs` is \{"base":1\}/],
  [{ tools: null }, 'RECIPE_FIELD_TYPE', /`tools` is null/],
  [{ sources: {} }, 'RECIPE_FIELD_TYPE', /`sources` is \{\}, expected list of sources/],
  [{ kind: 'lib' }, 'RECIPE_FIELD_TYPE', /`kind` is lib, expected image, tool or part/],
  [
    { steps: (c: Context) => [c.board.disk.partitions[99]!.label] },
    'RECIPE_FIELD_TYPE',
    /`steps` throws “Cannot read.*”, expected a function that gives a list of steps/,
  ],
  [{ name: 'other' }, 'RECIPE_NAME', /`name` is other, expected the file's own name, good,/],
  [{ name: 'ood' }, 'RECIPE_NAME', /`name` is ood/],
  [{ name: 'Good' }, 'RECIPE_NAME', /`name` is Good/],
  [
    { sources: [{}] },
    'RECIPE_SOURCE',
    /sources\[0\] is \{\}, expected one of \{ debian, only, without \}/,
  ],
  [{ sources: [{ npm: 'a' }, null] }, 'RECIPE_SOURCE', /sources\[1\] is null/],
  [{ sources: [{ debain: ['a'] }] }, 'RECIPE_SOURCE', /sources\[0\] is \{"debain"/],
  [{ sources: [{ npm: 'a', files: ['b'] }] }, 'RECIPE_SOURCE', /sources\[0\] is .*expected one of/],
  [{ sources: [{ npm: '' }] }, 'RECIPE_SOURCE', /sources\[0\]\.npm is "", expected a name/],
  [
    { sources: [{ debian: [] }] },
    'RECIPE_SOURCE',
    /sources\[0\]\.debian is \[\], expected a list of names/,
  ],
  [{ sources: [{ debian: ['a'], without: 'b' }] }, 'RECIPE_SOURCE', /sources\[0\]\.without is "b"/],
  [{ sources: [{ files: [1] }] }, 'RECIPE_SOURCE', /sources\[0\]\.files is \[1\]/],
  [
    { sources: [{ files: ['/etc/passwd'] }] },
    'RECIPE_SOURCE',
    /sources\[0\]\.files has \/etc\/passwd, expected globs relative/,
  ],
  [{ sources: [{ files: ['a', '../x'] }] }, 'RECIPE_SOURCE', /sources\[0\]\.files has \.\.\/x/],
  [{ sources: [{ files: ['a/../../x'] }] }, 'RECIPE_SOURCE', /has a\/\.\.\/\.\.\/x/],
  [
    { sources: [{ url: 'https://example.org/a', sha256: 'abc' }] },
    'RECIPE_SOURCE',
    /sources\[0\]\.sha256 is abc, expected 64 hex digits/,
  ],
  [
    { sources: [{ url: 'https://example.org/a', sha256: SHA.toUpperCase() }] },
    'RECIPE_SOURCE',
    /expected 64 hex digits/,
  ],
  [
    { sources: [{ url: 'https://example.org/a' }] },
    'RECIPE_SOURCE',
    /sources\[0\]\.sha256 is undefined/,
  ],
  ...[
    'ftp://example.org/a',
    'https://example.org/',
    'https://example.org',
    'https://example.org/a?b',
    '/a',
  ].map((url): [object, string, RegExp] => [
    { sources: [{ url, sha256: SHA }] },
    'RECIPE_SOURCE',
    /sources\[0\]\.url is .*, expected an https address/,
  ]),
  [
    { sources: ['x', 'y'].map(host => ({ url: `https://${host}.example/a.tar`, sha256: SHA })) },
    'RECIPE_SOURCE',
    /two sources are found as \$src\/a\.tar/,
  ],
  [{ steps: ['true', 'a; b'] }, 'RECIPE_STEP', /steps\[1\] `a; b` has `;`/],
  [{ check: ['a\nb'] }, 'RECIPE_STEP', /check\[0\] `a\\nb` has a newline; a step is one line/],
]

describe('a recipe is refused', () => {
  for (const [over, code, message] of REFUSED) {
    const shown = JSON.stringify(over, (_, v: unknown) =>
      v === undefined ? '(none)' : typeof v === 'function' ? '(function)' : v,
    )
    it(`with ${shown}`, () => {
      assert.throws(
        () => evaluate({ ...good, ...over }, context, FILE),
        (error: Error & { code: string }) => {
          assert.equal(error.code, code, error.message)
          assert.match(error.message, message)
          assert.ok(error.message.startsWith(`${FILE}: `), error.message)
          assert.equal(error.message.includes('\n'), false)
          return true
        },
      )
    })
  }

  for (const value of [undefined, null, 'text', 5, () => good])
    it(`when its file exports ${typeof value}`, () => {
      assert.throws(() => evaluate(value, context, FILE), {
        code: 'RECIPE_FIELD_TYPE',
        message: /exports \w+, expected `export default recipe\(/,
      })
    })

  it('when its file only ends with its name', () => {
    assert.throws(() => evaluate(good, context, 'recipes/very-good.ts'), { code: 'RECIPE_NAME' })
  })
})
