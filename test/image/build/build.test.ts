/** Builds of small recipes in processes of their own: what is made, what is not made again, and why. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { small, type Small } from './small.ts'

let s: Small
afterEach(() => s.end())

/** a <- b, and c beside them; all three in the image. */
beforeEach(() => {
  s = small(['b', 'c'])
  s.file('data/a.txt', 'alpha\n')
  s.recipe('a', `sources: [{ files: ['data/**'] }], steps: ['install 0644 $src/data/a.txt $out/a']`)
  s.recipe('b', `needs: ['a'], steps: ['install 0644 $in/a/a $out/b']`)
  s.recipe('c', `steps: ['write $out/c gamma']`)
})

const made = ({ tasks, cached }: { tasks: number; cached: number }) => tasks - cached

describe('a build', () => {
  it('makes everything the image needs, and nothing else', async () => {
    s.recipe('unneeded', `steps: ['false']`)
    const { image, tasks, cached, imageBytes, err } = await s.build()
    assert.equal(readFileSync(image, 'utf8'), 'alpha\ngamma\n')
    assert.deepEqual([tasks, cached, imageBytes], [4, 0, 12])
    assert.match(err, /^ok a .*\n/m)
    assert.deepEqual(s.work(), [])
    assert.deepEqual(readdirSync(join(s.cache, 'leases')), [])
  })

  it('that has nothing to do says so, and imports no recipe', async () => {
    const log = join(s.repo, 'imported')
    const text = s.read('recipes/c.ts')
    s.file('recipes/c.ts', `import { appendFileSync } from 'node:fs'\nappendFileSync(${JSON.stringify(log)}, 'x')\n${text}`)
    await s.build()
    const imports = readFileSync(log, 'utf8')
    const { code, out, err } = await s.bt(['build'])
    assert.deepEqual([code, out], [0, `${join(s.repo, 'build/qemu-x86_64/dev-0.1.0/blocktree.img')}\n`])
    assert.match(err, /^qemu-x86_64: nothing to do, 4 cached, 0\.\d s, 12 B\n$/)
    s.file('data/a.txt', 'ALPHA\n')
    assert.equal(made(await s.build()), 3)
    assert.equal(readFileSync(log, 'utf8'), imports, 'a changed source is no reason to import either')
    s.recipe('b', `needs: ['a'], steps: ['install 0600 $in/a/a $out/b']`)
    await s.build()
    assert.ok(readFileSync(log, 'utf8') > imports, 'a changed recipe is')
  })

  const TOUCHED: [string, () => void, number][] = [
    ['a changed file', () => s.file('data/a.txt', 'ALPHA\n'), 3],
    ['a file that may be run now', () => chmodSync(join(s.repo, 'data/a.txt'), 0o755), 1],
    ['a new file under a glob', () => s.file('data/new/deep.txt', 'x'), 1],
    ['a changed step', () => s.recipe('c', `steps: ['write $out/c delta']`), 2],
    ['a recipe that only says something else', () => s.recipe('c', `about: 'other', steps: ['write $out/c delta']`), 0],
    ['a touched file', () => utimesSync(join(s.repo, 'data/a.txt'), 1, 1), 0],
    ['a new recipe', () => s.recipe('d', `steps: ['write $out/d']`), 0],
    ['a removed result', () => rmSync(join(s.repo, 'build/qemu-x86_64'), { recursive: true }), 0],
    ['no build folder', () => rmSync(join(s.repo, 'build'), { recursive: true }), 0],
  ]
  it('makes what was touched and what needs it, and then nothing', async () => {
    const before = await s.build()
    for (const [what, touch, count] of TOUCHED) {
      touch()
      const again = await s.build()
      assert.equal(made(again), count, what)
      assert.equal(again.image, before.image)
      assert.ok(statSync(again.image).isFile())
      const { err } = await s.bt(['build'])
      assert.match(err, /nothing to do/, what)
      assert.doesNotMatch(err, /^ok /m, 'the second time it is a matter of looking at times')
    }
  })

  it('makes nothing of what needs a recipe whose output did not change', async () => {
    await s.build()
    s.recipe('a', `sources: [{ files: ['data/**'] }], steps: ['write $work/b x', 'install 0644 $src/data/a.txt $out/a']`)
    const { tasks, cached, err } = await s.build()
    assert.deepEqual([tasks, cached], [4, 3])
    assert.match(err, /^ok a /m)
    s.file('data/other', 'not taken over')
    assert.equal(made(await s.build()), 1)
  })

  it('goes back to what it made before without making it again', async () => {
    await s.build()
    s.file('data/a.txt', 'ALPHA\n')
    const there = await s.build()
    assert.equal(readFileSync(there.image, 'utf8'), 'ALPHA\ngamma\n')
    s.file('data/a.txt', 'alpha\n')
    const back = await s.build()
    assert.deepEqual([made(back), readFileSync(back.image, 'utf8')], [0, 'alpha\ngamma\n'])
  })

  it('follows kernel and profile through functions of the context, side by side', async () => {
    s.recipe('c', 'steps: c => [`write $out/c ${c.profile} ${c.kernel}`]')
    s.recipe('other', `steps: ['write $out/other']`)
    const dev = await s.build()
    const release = await s.build('--release')
    const other = await s.build('--kernel', 'other')
    const text = (image: string) => readFileSync(image, 'utf8')
    assert.deepEqual(
      [dev, release, other].map(({ image }) => text(image)),
      ['alpha\ndev\nlinux\n', 'alpha\nrelease\nlinux\n', 'alpha\ndev\nother\n'],
    )
    assert.equal(made(await s.build()) + made(await s.build('--release')), 0)
  })

  it('of one recipe makes only what it needs, and prints its folder', async () => {
    const { out, code } = await s.bt(['build', '--goal', 'b'])
    assert.equal(code, 0)
    assert.deepEqual(readdirSync(out.trim()), ['b'])
    const { err } = await s.bt(['build', '--goal', 'c', '--cached-only'])
    assert.match(err, /^bt: c is not in the cache: build without --cached-only to make it$/m)
    const json = JSON.parse((await s.bt(['build', '--goal', 'b', '--json'])).out)
    assert.deepEqual(json, { recipe: 'b', folder: out.trim(), cached: true })
    const missing = await s.bt(['build', '--goal', 'bb', '--json'])
    assert.equal(JSON.parse(missing.out).error.code, 'GRAPH_MISSING')
    const cold = await s.bt(['build', '--cached-only', '--json'])
    assert.equal(JSON.parse(cold.out).error.code, 'BUILD_NOT_CACHED')
  })

  it('runs tools that a recipe of that kind has, from a folder that may lie anywhere', async () => {
    s.file('data/greet', '#!/bin/sh\necho "hello $1"\n')
    s.recipe('tool', `kind: 'tool', sources: [{ files: ['data/greet'] }], steps: ['install 0755 $src/data/greet $out/usr/bin/greet'], ships: ['usr/bin/greet']`)
    s.recipe('c', `tools: ['tool'], steps: ['greet world > $out/c']`)
    assert.equal(readFileSync((await s.build()).image, 'utf8'), 'alpha\nhello world\n')
  })
})

describe('the cache of a build', () => {
  it('is checked: a flipped byte in a result is noticed, and made again, and nothing else', async () => {
    const { image } = await s.build()
    const bytes = readFileSync(image)
    bytes[0]! ^= 1
    writeFileSync(image, bytes)
    const { tasks, cached } = await s.build()
    assert.deepEqual([tasks, cached], [4, 3])
    assert.equal(readFileSync(image, 'utf8'), 'alpha\ngamma\n')
  })

  it('is checked: so is one in the tree of a recipe that others need', async () => {
    const { image } = await s.build()
    const tree = await s.tree('a')
    writeFileSync(join(tree, 'a'), 'alphA\n')
    s.recipe('c', `steps: ['write $out/c delta']`)
    const { err } = await s.build()
    assert.match(err, /^ok a /m)
    assert.doesNotMatch(err, /^ok b  (?!.*cached)/m)
    assert.equal(readFileSync(join(tree, 'a'), 'utf8'), 'alpha\n')
    assert.equal(readFileSync(image, 'utf8'), 'alpha\ndelta\n')
  })

  it('can be copied elsewhere and serves another checkout', async () => {
    await s.build()
    const other = small(['b', 'c'])
    for (const folder of ['recipes', 'data']) cpSync(join(s.repo, folder), join(other.repo, folder), { recursive: true })
    cpSync(s.cache, other.cache, { recursive: true, verbatimSymlinks: true })
    assert.equal(made(await other.build()), 0)
    other.end()
  })

  it('may be moved, emptied or lose any part of it', async () => {
    await s.build()
    renameSync(s.cache, `${s.cache}.away`)
    assert.equal(made(await s.build()), 4)
    for (const part of ['actions', 'trees', 'roots', 'work', 'leases']) {
      rmSync(join(s.cache, part), { recursive: true })
      s.file('data/a.txt', `${part}\n`)
      const { image } = await s.build()
      assert.equal(readFileSync(image, 'utf8'), `${part}\ngamma\n`, part)
    }
  })

  it('keeps what was published when it is shrunk, and nothing when it is emptied', async () => {
    const { image } = await s.build()
    const { out, code } = await s.bt(['clean', '--keep', '0', '--json'])
    assert.equal(code, 0)
    assert.equal(JSON.parse(out).removed, 0)
    assert.ok(existsSync(image))
    const all = await s.bt(['clean', '--all'])
    assert.match(all.out, /^[45] things removed, .* freed, 0 B kept\n$/)
    assert.equal(existsSync(image), false)
    assert.equal(made(await s.build()), 4)
  })
})
