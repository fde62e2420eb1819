/** The folder that the steps of an action see. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, it } from 'node:test'
import { layOut } from '../../../image/engine/execute.ts'
import type { SourceFile } from '../../../image/engine/sources.ts'
import type { EvaluatedRecipe } from '../../../image/recipe/check.ts'

describe('folder of an action', () => {
  const top = mkdtempSync(join(tmpdir(), 'lay-out-'))
  const umask = process.umask()
  after(() => rmSync(top, { recursive: true }))
  afterEach(() => void process.umask(umask))
  mkdirSync(join(top, 'checkout'))
  writeFileSync(join(top, 'checkout/program'), 'run', { mode: 0o700 })
  const pin = `sha256:${'0'.repeat(64)}` as const
  const ran = `sha256:${createHash('sha256').update('run').digest('hex')}` as const
  const sources: SourceFile[] = [
    {
      path: 'a/b/program',
      pin: ran,
      executable: true,
      origin: { kind: 'checkout', file: join(top, 'checkout/program') },
    },
    { path: 'debian/packages.json', pin, executable: false, origin: { kind: 'text', text: '[]' } },
    { path: 'npm/x.tgz', pin, executable: false, origin: { kind: 'url', url: 'https://x.test/' } },
  ]
  const execution: Parameters<typeof layOut>[0] = {
    recipe: { name: 'some' } as EvaluatedRecipe,
    env: { TZ: 'UTC' },
    sources,
    fetched: new Map([['npm/x.tgz', join(top, 'checkout/program')]]),
    needs: new Map([['base', join(top, 'checkout')]]),
    bins: ['/one', '/two'],
  }
  const modes = (folder: string) =>
    ['a', 'a/b', 'a/b/program', 'debian', 'debian/packages.json'].map(path =>
      (statSync(join(folder, 'src', path)).mode & 0o7777).toString(8),
    )

  for (const mask of [0o022, 0o077, 0])
    it(`has the same modes under umask ${mask.toString(8)}`, () => {
      process.umask(mask)
      const folder = join(top, `umask-${mask}`)
      layOut(execution, folder)
      assert.deepEqual(modes(folder), ['755', '755', '755', '755', '644'])
    })

  it('holds sources and links to what is needed, and names them', () => {
    const folder = join(top, 'whole')
    const env = layOut(execution, folder)
    assert.equal(readFileSync(join(folder, 'src/debian/packages.json'), 'utf8'), '[]')
    assert.equal(readFileSync(join(folder, 'src/npm/x.tgz'), 'utf8'), 'run')
    assert.equal(readFileSync(join(folder, 'in/base/program'), 'utf8'), 'run')
    assert.deepEqual(env, {
      TZ: 'UTC',
      in: join(folder, 'in'),
      src: join(folder, 'src'),
      out: join(folder, 'out'),
      work: join(folder, 'work'),
      HOME: join(folder, 'work'),
      TMPDIR: join(folder, 'work'),
      PATH: '/one:/two',
    })
  })

  it('is not made of a source that changed since its hash was taken', () => {
    const changed = { ...sources[0]!, pin }
    assert.throws(() => layOut({ ...execution, sources: [changed] }, join(top, 'changed')), {
      code: 'STEP_SOURCE_CHANGED',
      message: /a\/b\/program changed while some was/,
    })
  })
})
