/** The state of a repository: dirHash as Go's dirhash and sha256sum(1) make it, the git commit. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { sha256, sha256File } from '../../../image/engine/digest.ts'
import type { SourceFile } from '../../../image/engine/sources.ts'
import { describeCheckout } from '../../../image/report/checkout.ts'

describe('state of a checkout', () => {
  const top = mkdtempSync(join(tmpdir(), 'state-'))
  after(() => rmSync(top, { recursive: true }))
  let repo = ''
  let count = 0
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(repo, path)), { recursive: true })
    writeFileSync(join(repo, path), text)
  }
  beforeEach(() => {
    repo = join(top, `${count++}`)
    put('image/engine/a.ts', 'a')
    put('recipes/b.ts', 'b')
    put('recipes/Z.ts', 'Z')
    put('board/c.ts', 'c')
    put('package.json', '{}')
    put('package-lock.json', '{ }')
    put('docs/text.md', 'no input')
    put('node/main.ts', 'main')
  })
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-C', repo, '-c', 'user.name=n', '-c', 'user.email=e@x.example', ...args],
      {
        encoding: 'utf8',
      },
    ).trim()
  const source = (path: string): SourceFile => {
    const file = join(repo, path)
    const pin = `sha256:${sha256File(file)}` as const
    return { path, pin, executable: false, origin: { kind: 'checkout', file } }
  }
  const state = () => describeCheckout([[source('node/main.ts')]], repo)

  it('is a hash over what can change the image, as sha256sum and sort make it', async () => {
    const { dirHash, files, ...git } = await state()
    const expected =
      'board/c.ts image/engine/a.ts node/main.ts package-lock.json package.json recipes/Z.ts recipes/b.ts'
    assert.deepEqual(files, expected.split(' '))
    const sums = execFileSync('sha256sum', files, { cwd: repo, encoding: 'utf8' })
    assert.equal(dirHash, sha256(sums))
    assert.deepEqual(git, {})
  })

  it('has another hash for another name or another byte, none for what is no input', async () => {
    const before = (await state()).dirHash
    put('docs/text.md', 'changed')
    assert.equal((await state()).dirHash, before)
    put('board/c.ts', 'C')
    const changed = (await state()).dirHash
    assert.notEqual(changed, before)
    put('board/c.ts', 'c')
    cpSync(join(repo, 'recipes/b.ts'), join(repo, 'recipes/d.ts'))
    assert.notEqual((await state()).dirHash, before)
  })

  it('names the commit, and whether an input is not as it is there', async () => {
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'first')
    const commit = git('rev-parse', 'HEAD')
    const get = async () => {
      const { commit, modified } = await state()
      return { commit, modified }
    }
    assert.deepEqual(await get(), { commit, modified: false })
    appendFileSync(join(repo, 'docs/text.md'), 'changed')
    put('docs/new.md', 'new')
    assert.deepEqual(await get(), { commit, modified: false })
    put('recipes/new.ts', 'new')
    assert.deepEqual(await get(), { commit, modified: true })
    rmSync(join(repo, 'recipes/new.ts'))
    appendFileSync(join(repo, 'node/main.ts'), 'changed')
    git('add', '.')
    assert.deepEqual(await get(), { commit, modified: true })
  })

  it('manages a repository without a commit, or with a broken one', async () => {
    git('init', '-q')
    assert.equal((await state()).commit, undefined)
    rmSync(join(repo, '.git'), { recursive: true })
    put('.git', 'gitdir: /nowhere')
    assert.equal((await state()).commit, undefined)
  })
})
