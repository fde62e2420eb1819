/** Builds that are killed, stopped, doubled or out of disk: the next one gives the same result. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { ActionResult } from '../../../image/engine/cache.ts'
import { small, type Small } from './small.ts'

const PARTS = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5']

let s: Small
beforeEach(() => {
  s = small(PARTS)
  PARTS.forEach((name, i) => {
    const needs = i % 2 === 0 ? '' : `needs: ['p${i - 1}'], `
    const copy = i % 2 === 0 ? '' : `, 'merge $in/p${i - 1} $out'`
    const fill = `'/bin/sh -c "/usr/bin/head -c 300000 /dev/zero > $out/zero${i}"'`
    const many = Array.from({ length: 20 }, (_, n) => `$work/f${n}`).join(' ')
    s.recipe(
      name,
      `${needs}steps: ['write $out/${name} ${name}'${copy}, ${fill}, '/bin/sleep 0.05',
       'mkdir ${many}'], ships: ['**']`,
    )
  })
})
afterEach(() => s.end())

/** Trees by recipe, as the results of their actions name them; every one must be whole. */
function trees(cache = s.cache): Record<string, string> {
  const files = readdirSync(join(cache, 'actions'), { recursive: true, encoding: 'utf8' })
  const results = files
    .filter(name => name.endsWith('.json'))
    .map(name => JSON.parse(readFileSync(join(cache, 'actions', name), 'utf8')) as ActionResult)
  return Object.fromEntries(results.map(({ recipe, tree }) => [recipe, tree]).sort())
}

/** Processes that work somewhere in the cache. */
function busy(): string[] {
  return readdirSync('/proc').filter(pid => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(`${s.cache}/`)
    } catch {
      return false
    }
  })
}

async function quiet(): Promise<void> {
  for (let i = 0; i < 200 && busy().length > 0; i++) await setTimeout(25)
  assert.deepEqual(busy(), [])
}

function clean(): void {
  assert.deepEqual(s.work(), [])
  assert.deepEqual(readdirSync(join(s.cache, 'leases')), [])
}

describe('a build that is killed', () => {
  it('at twenty random moments leaves what the next one completes to the same bytes', async () => {
    const begun = performance.now()
    const { image } = await s.build()
    const [took, text, expected] = [performance.now() - begun, readFileSync(image, 'utf8'), trees()]
    assert.equal(Object.keys(expected).length, PARTS.length + 1)
    const moments: string[] = []
    for (let round = 0; round < 4; round++) {
      rmSync(s.cache, { recursive: true })
      rmSync(join(s.repo, 'build'), { recursive: true })
      for (let kill = 0; kill < 5; kill++) {
        const moment = Math.random() * took
        moments.push(`${moment.toFixed()} ms`)
        const stop = new AbortController()
        const { signal } = await s.bt(['build'], {
          started: child =>
            void setTimeout(moment, undefined, { signal: stop.signal }).then(
              () => child.kill('SIGKILL'),
              () => {},
            ),
        })
        stop.abort()
        if (signal !== null) await quiet()
      }
      await s.build().catch((error: Error) => assert.fail(`${error.message} after ${moments.join(', ')}`))
      assert.deepEqual(trees(), expected, moments.join(', '))
      assert.equal(readFileSync(image, 'utf8'), text)
      clean()
      const harmed = await s.build('--cached-only')
      assert.equal(harmed.cached, harmed.tasks)
    }
  })
})

describe('a build that is stopped', () => {
  const stopped = async (...signals: NodeJS.Signals[]) => {
    s.recipe('p5', `needs: ['p4'], steps: ['/bin/sleep 600']`)
    const outcome = await s.bt(['build', '-j', '2'], {
      watch: (err, child) => {
        if (err.includes('ok p4')) for (const signal of signals.splice(0)) child.kill(signal)
      },
    })
    await quiet()
    assert.equal(existsSync(join(s.repo, 'build/state')), false)
    return outcome
  }

  it('by Ctrl-C ends with 130, says so, and leaves nothing half-made or running', async () => {
    const { code, err, out } = await stopped('SIGINT')
    assert.deepEqual([code, out], [130, ''])
    assert.match(err, /\nbt: stopped\n$/)
    assert.doesNotMatch(err, /internal error|\n {4}at /)
    clean()
    const left = readdirSync(s.cache, { recursive: true, encoding: 'utf8' })
    assert.deepEqual(left.filter(name => name.endsWith('.part')), [])
    const kept = trees()
    assert.ok('p4' in kept && !('p5' in kept))
  })

  it('by SIGTERM ends with 143', async () => {
    assert.equal((await stopped('SIGTERM')).code, 143)
    clean()
  })

  it('twice ends at once, with nothing running', async () => {
    assert.equal((await stopped('SIGINT', 'SIGINT')).code, 130)
  })
})

describe('two builds at once', () => {
  it('of one checkout make the same, share what is made, and leave nothing', async () => {
    const both = await Promise.all([s.build(), s.build(), s.build()])
    assert.equal(new Set(both.map(({ image }) => readFileSync(image, 'utf8'))).size, 1)
    clean()
    const again = await s.build('--cached-only')
    assert.equal(again.cached, again.tasks)
    assert.deepEqual(readdirSync(join(s.repo, 'build/qemu-x86_64/dev-0.1.0')), ['blocktree.img'])
  })

  it('of two checkouts share a cache', async () => {
    const other = small(PARTS)
    for (const name of PARTS) other.file(`recipes/${name}.ts`, s.read(`recipes/${name}.ts`))
    const [a, b] = await Promise.all([
      s.build(),
      other.bt(['build', '--json'], { env: { BT_CACHE: s.cache } }),
    ])
    const image = (JSON.parse(b.out) as { image: string }).image
    assert.ok(image.startsWith(other.repo))
    assert.equal(readFileSync(image, 'utf8'), readFileSync(a.image, 'utf8'))
    assert.equal(readlinkSync(image), readlinkSync(a.image))
    other.end()
    clean()
  })

  it('and a collection: it refuses, or the builds wait for it', async () => {
    await s.build()
    s.recipe('p0', `steps: ['/bin/sleep 0.3', 'write $out/p0 other']`)
    const [build, ...cleans] = await Promise.all([
      s.build(),
      ...[0, 100, 200].map(ms => setTimeout(ms).then(() => s.bt(['clean', '--keep', '0']))),
    ])
    for (const { code, err } of cleans)
      assert.ok(code === 0 || /a build \(process \d+\) uses the cache/.test(err), err)
    assert.match(readFileSync(build.image, 'utf8'), /^other\n/)
    clean()
  })
})

describe('a build on a full disk', () => {
  /** Runs shell lines with the cache on a small disk of its own; `bt` in them is the build. */
  async function disk(options: string, script: string) {
    const unshare = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--map-root-user']), '--mount']
    const mount = `mount -t tmpfs -o ${options} small "$BT_CACHE"`
    s.file('../cache/.here', '')
    const trial = spawnSync(unshare[0]!, [...unshare.slice(1), 'sh', '-c', mount], {
      env: { ...process.env, BT_CACHE: s.cache },
      encoding: 'utf8',
    })
    if (trial.status !== 0) return trial.stderr || String(trial.error)
    return s.bt(['build', '-j', '1'], {
      through: [...unshare, 'sh', '-c', `${mount}; bt() { "$@"; echo "status $?" >&2; }; ${script}`, 'sh'],
    })
  }

  it('says so, keeps the cache whole, and goes on where it was', async t => {
    const big = `'/bin/sh -c "/usr/bin/head -c 20000000 /dev/zero > $out/p4"'`
    s.recipe('p4', `steps: [${big}], ships: ['p4']`)
    const outcome = await disk('size=8m', 'bt "$@"; ls "$BT_CACHE/work"; mount -o remount,size=90m "$BT_CACHE"; bt "$@"')
    if (typeof outcome === 'string') return t.skip(`no small disk can be mounted here: ${outcome}`)
    const [first = '', second = ''] = outcome.err.split(/status \d\n/)
    assert.match(outcome.err, /status 1\n[^]*status 0\n$/)
    assert.match(first, /^bt: recipes\/p4\.ts: .* failed: .*No space left on device\n {4}the disk is full: free some space/m)
    assert.doesNotMatch(first, /^ok p5/m)
    assert.match(second, /^ok p4 /m)
    for (const name of ['p0', 'p1', 'p2', 'p3'])
      if (first.includes(`ok ${name} `)) assert.doesNotMatch(second, new RegExp(`^ok ${name} (?!.*cached)`, 'm'))
    assert.match(outcome.out, /^\/.*blocktree\.img\n$/)
  })

  it('that cannot even begin says so', async t => {
    const outcome = await disk('nr_inodes=4', 'bt "$@"')
    if (typeof outcome === 'string') return t.skip(`no small disk can be mounted here: ${outcome}`)
    assert.match(outcome.err, /status 1\n$/)
    assert.match(outcome.err, /^bt: ENOSPC: no space left on device.*\n {4}the disk is full: free some space/m)
  })
})
