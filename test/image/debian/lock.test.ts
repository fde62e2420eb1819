/** The text of a lock: canonical, and refused when it is anything else. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { formatLock, packagesOf, parseLock } from '../../../image/debian/lock.ts'
import { REPO } from '../../../image/paths.ts'

const GOLDEN = readFileSync(join(import.meta.dirname, '../../golden/debian.lock.json'), 'utf8')

/** The golden text with one piece replaced, which must be there. */
function changed(from: string | RegExp, to: string): string {
  const text = GOLDEN.replace(from, to)
  assert.notEqual(text, GOLDEN, `${String(from)} is in the golden lock`)
  return text
}

describe('text of a lock', () => {
  it('opens for ever, and is written as it was', () => {
    const lock = parseLock(GOLDEN, 'golden')
    assert.equal(formatLock(lock), GOLDEN)
    assert.deepEqual(
      packagesOf(lock, 'base').map(({ name, version }) => `${name} ${version}`),
      ['beta 1:2.0-1+b1', 'libcommon 1.1-1'],
    )
    assert.deepEqual(packagesOf(lock, 'unknown'), [])
  })

  it('has one line for each package', () => {
    for (const line of GOLDEN.split('\n').filter(line => line.includes('sha256')))
      assert.match(line, /^ {4}"[a-z0-9.+-]+": \{"version":.*\},?$/)
  })

  for (const arch of ['amd64', 'arm64'])
    it(`of this checkout for ${arch} is canonical`, () => {
      const text = readFileSync(join(REPO, `recipes/debian.${arch}.lock.json`), 'utf8')
      assert.equal(formatLock(parseLock(text, arch)), text)
      assert.doesNotMatch(text, /https?:/)
    })

  const refused: [string, string, RegExp][] = [
    ['no JSON', '{', /not JSON/],
    ['a list', '[]', /expected an object/],
    ['another format', changed('"format": 1', '"format": 2'), /format is 2, expected 1/],
    ['another release', changed('trixie', 'sid'), /suite is "sid"/],
    ['another architecture', changed('amd64"', 'mips"'), /arch is "mips"/],
    ['an unknown field', changed('"format": 1', '"format": 1, "x": 1'), /unknown field "x"/],
    ['an unknown field of a recipe', changed('"only"', '"onyl"'), /recipe base.*"onyl"/],
    ['an unknown field of a package', changed('"source"', '"sauce"'), /package alpha.*"sauce"/],
    ['another kind', changed('"kind":"image"', '"kind":"picture"'), /kind of recipe base/],
    ['a missing list', changed('"without":[],', ''), /without of recipe base is undefined/],
    ['a short hash', changed(/"sha256":"../, '"sha256":"'), /package alpha: sha256/],
    ['an upper-case hash', changed(/"sha256":"../, '"sha256":"AB'), /sha256/],
    ['a size of 0', changed(/"size":\d+/, '"size":0'), /size is 0/],
    ['a size as text', changed(/"size":(\d+)/, '"size":"$1"'), /size is/],
    ['a size too large', changed(/"size":\d+/, '"size":4294967297'), /size/],
    ['a path out of the pool', changed('pool/main', 'pool/../x'), /path/],
    ['an absolute path', changed('"pool/main', '"/pool/main'), /path/],
    ['another archive', changed('debian-security', 'ubuntu'), /archive is "ubuntu"/],
    ['a version with a space', changed('1:2.0-1+b1', '1:2 0'), /version/],
    ['a stranger', changed('"recipes":["base"]', '"recipes":["nobody"]'), /carried by nobody/],
    ['other spaces', `${GOLDEN}\n`, /not as bt writes it/],
    ['another order', changed(/( {4}"beta.*)\n(.*)\n/, '$2\n$1\n'), /not as bt writes it/],
    ['eight megabytes', ' '.repeat(8 * 2 ** 20 + 1), /at most/],
  ]
  for (const [what, text, message] of refused)
    it(`is refused with ${what}`, () =>
      assert.throws(
        () => parseLock(text, 'the.lock.json'),
        (error: Error & { code: string }) => {
          assert.equal(error.code, 'DEBIAN_BAD_LOCK')
          assert.match(error.message, message)
          assert.match(error.message, /^the\.lock\.json: .*bt lock --update$/s)
          return true
        },
      ))
})
