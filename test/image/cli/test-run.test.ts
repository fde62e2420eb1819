/** `bt test` on a checkout of test files that pass, fail, crash, hang on and are empty. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { matching, stages } from '../../../image/cli/test-stages.ts'
import { bt, copyOfCheckout } from './checkout.ts'

const FILES: Readonly<Record<string, string>> = {
  'rules/good.test.ts': `import { describe, it } from 'node:test'
    describe('group', () => { it('passes', () => {}); it('is skipped', { skip: 'no reason' }, () => {}); it.todo('is to do') })`,
  'image/bad.test.ts': `import { test } from 'node:test'
    import assert from 'node:assert/strict'
    test('outer', async t => { await t.test('inner', () => { console.log('seen me'); assert.equal(1, 2) }) })
    test('fine', () => {})`,
  'image/crash.test.ts': "throw new Error('boom')",
  'image/killed.test.ts': `import { test } from 'node:test'
    test('kills', () => process.kill(process.pid, 'SIGKILL'))`,
  'image/hook.test.ts': `import { before, describe, it } from 'node:test'
    describe('hooked', () => { before(() => { throw new Error('hook') }); it('never', () => {}) })`,
  'image/empty.test.ts': 'export {}',
  'image/late.test.ts': `import { test } from 'node:test'
    test('leaves a rejection', () => { void Promise.reject(new Error('late one')) })`,
  'image/shared.test.ts': "import './suite.ts'",
  'image/suite.ts': `import { it } from 'node:test'
    it('holds', () => {})
    it('does not', () => { throw new Error('broken promise') })`,
  'boot/good.test.ts': "import { it } from 'node:test'\nit('boots', () => {})",
  'slow/good.test.ts': "import { it } from 'node:test'\nit('compiles', () => {})",
  'image/not-a-test.ts': "throw new Error('never loaded')",
}

describe('bt test', () => {
  let repo: string
  let remove: () => void
  before(() => {
    ;({ repo, remove } = copyOfCheckout())
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(repo, 'test', name)), { recursive: true })
      writeFileSync(join(repo, 'test', name), text)
    }
  })
  after(() => remove())
  const test = (...args: string[]) => bt(['test', ...args], { repo })

  it('runs stages in order, slow ones apart', () => {
    const names = matching(stages(repo), false, []).map(stage => stage.name)
    assert.deepEqual(names, ['rules', 'unit', 'boot'])
    assert.deepEqual(
      matching(stages(repo), true, []).flatMap(stage => stage.files),
      ['test/slow/good.test.ts'],
    )
  })

  it('lists what would run', async () => {
    const { out } = await test('--list')
    const names = out.trim().split('\n')
    assert.deepEqual(names.slice(0, 3), ['format', 'types', 'test/rules/good.test.ts'])
    assert.equal(names.at(-1), 'test/boot/good.test.ts')
    assert.deepEqual(JSON.parse((await test('--list', '--json', '--slow')).out), [
      'test/slow/good.test.ts',
    ])
  })

  it('counts what passes and closes with the line that CI reads', async () => {
    const { code, out, err } = await test('rules', 'boot')
    assert.deepEqual([code, out], [0, '2 passed, 0 failed, 2 skipped\n'])
    assert.match(err, /ok {2}test\/rules\/good\.test\.ts {2}1 passed, 2 skipped/)
    assert.match(err, / skipped {2}is skipped: no reason\n/)
    assert.match(err, / boots /)
  })

  it('runs the slow ones when asked', async () => {
    assert.equal((await test('--slow')).out, '1 passed, 0 failed, 0 skipped\n')
  })

  const BAD: [string, string | undefined, RegExp][] = [
    [
      'bad',
      '1 passed, 1 failed, 0 skipped',
      /image\/bad\.test\.ts: inner\n +AssertionError[^]*it printed:\n +seen me/,
    ],
    ['crash', '0 passed, 1 failed, 0 skipped', /the file itself\n[^]*it printed:[^]*Error: boom/],
    ['killed', '0 passed, 1 failed, 0 skipped', /its process ended with SIGKILL/],
    ['hook', '0 passed, 2 failed, 0 skipped', /suite hooked\n +Error: hook/],
    ['empty', '0 passed, 1 failed, 0 skipped', /a test file must have at least one test/],
    [
      'shared',
      '1 passed, 1 failed, 0 skipped',
      /test\/image\/shared\.test\.ts: does not\n +Error: broken promise/,
    ],
    ['late', undefined, /late one/],
  ]
  for (const [name, line, shown] of BAD)
    it(`sees that ${name}.test.ts failed`, async () => {
      const { code, out, err } = await test(`image/${name}`)
      assert.deepEqual([code, out], [1, line === undefined ? out : `${line}\n`])
      assert.match(err, shown)
      assert.match(err, new RegExp(`\\nFAILED  test/image/${name}\\.test\\.ts: [^\\n]+\\n$`))
    })

  it('gives the counts as JSON', async () => {
    const { out } = await test('image/bad', '--json')
    const names = ['test/image/bad.test.ts: inner']
    assert.deepEqual(JSON.parse(out), { passed: 1, failed: 1, skipped: 0, names })
  })

  it('fails when nothing fits', async () => {
    const { code, err } = await test('no-such')
    assert.equal(code, 1)
    assert.match(err, /no test file fits no-such/)
  })

  it('finds wrong format and wrong types', async () => {
    writeFileSync(join(repo, 'image/paths-2.ts'), "export const x: number = 'a';\n")
    const { code, out, err } = await test('format', 'types')
    assert.deepEqual([code, out], [1, '0 passed, 2 failed, 0 skipped\n'])
    assert.match(err, /image\/paths-2\.ts[^]*npm run format[^]*paths-2\.ts[^]*TS2322/)
  })
})
