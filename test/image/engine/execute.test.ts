/** Steps in their process: what they see, what is taken of what they made, what is said when they fail. */
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { spawn } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { sha256 } from '../../../image/engine/digest.ts'
import { execute, sweep } from '../../../image/engine/execute.ts'
import { me, processName } from '../../../image/engine/alive.ts'
import { Runners } from '../../../image/engine/runners.ts'
import type { SourceFile } from '../../../image/engine/sources.ts'
import { folder, type Folder } from './folder.ts'

let here: Folder
let runners: Runners
let count = 0
before(() => {
  here = folder()
  runners = new Runners()
})
after(async () => {
  await runners.end()
  here.end()
})

type Given = {
  ships?: string[]
  check?: string[]
  sources?: SourceFile[]
  fetched?: Map<string, string>
  needs?: Map<string, string>
  bins?: string[]
  env?: Record<string, string>
  signal?: AbortSignal
  runners?: Runners
}

/** Runs steps; gives the files made with what is in them, and what the steps printed. */
async function run(steps: string[], given: Given = {}) {
  const at = here.at(`action${count++}`)
  const said: string[] = []
  const recipe = {
    ...{ name: 'r', about: '', version: '1', license: 'MIT', kind: 'image' as const },
    ...{ sources: [], needs: [], tools: [], file: 'recipes/r.ts' },
    ...{
      steps,
      ships: given.ships ?? (steps.some(step => step.includes('$out')) ? ['**'] : []),
      check: given.check ?? [],
    },
  }
  const { entries, out } = await execute(
    {
      recipe,
      env: given.env ?? {},
      sources: given.sources ?? [],
      fetched: given.fetched ?? new Map(),
      needs: given.needs ?? new Map(),
      bins: given.bins ?? [],
      runners: given.runners ?? runners,
      signal: given.signal ?? new AbortController().signal,
      onOutput: line => said.push(line),
    },
    at,
  )
  return { at, out, said, paths: entries.map(({ path }) => path) }
}
/** Waits until a process is gone, or only waits itself for a parent that asks how it ended. */
async function ended(pid: number) {
  for (let i = 0; i < 250; i++) {
    const file = `/proc/${pid}/stat`
    if (!existsSync(file) || /\) Z/.test(readFileSync(file, 'latin1'))) return
    await setTimeout(20)
  }
  assert.fail(`${pid} still runs`)
}

const fails = (steps: string[], message: RegExp, given: Given = {}, code = 'STEP_FAILED') =>
  assert.rejects(run(steps, given), (error: Error & { code: string }) => {
    assert.equal(error.code, code, error.message)
    assert.match(error.message, /^recipes\/r\.ts: /)
    assert.match(error.message, message)
    return true
  })

describe('steps', () => {
  it('start in $work and know where everything is', async () => {
    const { at } = await run(
      [
        'write $out/a $in $src $out $work $HOME $TMPDIR',
        'mkdir here',
        'write $out/b "$PATH" $X',
        '/bin/sh -c "pwd > $out/c"',
      ],
      { bins: ['/x/one', '/x/two'], env: { X: 'from the recipe' } },
    )
    const name = at.slice(here.path.length + 1)
    const inside = (...names: string[]) => names.map(n => `${at}/${n}\n`).join('')
    assert.equal(here.read(`${name}/out/a`), inside('in', 'src', 'out', 'work', 'work', 'work'))
    assert.equal(here.read(`${name}/out/b`), '/x/one:/x/two\nfrom\nthe\nrecipe\n')
    assert.equal(here.read(`${name}/out/c`), `${at}/work\n`)
    assert.ok(existsSync(`${at}/work/here`))
  })

  it('see needs by links, fetched sources by links, files of the checkout as copies', async () => {
    const tree = here.file('tree/usr/x', 'need')
    const checkout = here.file('checkout/bin/tool', 'tool', 0o700)
    const file = (path: string, text: string, origin: SourceFile['origin'], executable = false) =>
      ({ path, pin: `sha256:${sha256(text)}`, executable, origin }) as const
    const { at } = await run(
      [
        'install 0644 $in/base/usr/x $src/a.tar $src/debian/list $out/',
        'install 0644 $src/bin/tool $src/bin/plain $out/',
      ],
      {
        needs: new Map([['base', here.at('tree')]]),
        fetched: new Map([['a.tar', here.file('store/abc', 'fetched')]]),
        sources: [
          file('bin/tool', 'tool', { kind: 'checkout', file: checkout }, true),
          file('bin/plain', 'tool', { kind: 'checkout', file: checkout }),
          file('a.tar', 'fetched', { kind: 'url', url: 'https://example.org/a.tar' }),
          file('debian/list', 'text', { kind: 'text', text: 'text' }),
        ],
      },
    )
    assert.equal(readlinkSync(`${at}/in/base`), here.at('tree'))
    assert.equal(readlinkSync(`${at}/src/a.tar`), here.at('store/abc'))
    assert.equal(statSync(`${at}/src/bin/tool`).mode & 0o777, 0o755)
    assert.equal(statSync(`${at}/src/bin/plain`).mode & 0o777, 0o644)
    assert.equal(here.read(`${at.slice(here.path.length + 1)}/out/list`), 'text')
    assert.equal(statSync(tree).nlink, 1)
  })

  it('see nothing of the environment that bt was called with', async () => {
    process.env['SECRET_OF_HOST'] = 'x'
    const { at } = await run(['/usr/bin/env > $out/env'], { env: { LC_ALL: 'C.UTF-8' } })
    const text = here.read(`${at.slice(here.path.length + 1)}/out/env`)
    assert.deepEqual(
      text
        .trim()
        .split('\n')
        .map(line => line.split('=')[0])
        .filter(name => name !== '_')
        .sort(),
      ['HOME', 'LC_ALL', 'PATH', 'TMPDIR', 'in', 'out', 'src', 'work'],
    )
    delete process.env['SECRET_OF_HOST']
  })

  it('make files with the modes that 022 leaves, whatever the umask of the caller is', async () => {
    const old = process.umask(0o077)
    const own = new Runners()
    const { out } = await run(['write $out/a x', 'mkdir $out/b', '/bin/sh -c "echo > $out/c"'], {
      runners: own,
    })
    process.umask(old)
    await own.end()
    const modes = ['a', 'b', 'c'].map(name => (statSync(`${out}/${name}`).mode & 0o777).toString(8))
    assert.deepEqual(modes, ['644', '755', '644'])
  })

  it('stop at the first that fails, with recipe, step and what it said', async () => {
    await fails(
      ['write $work/a', '/bin/sh -c "echo one; echo two >&2; exit 3"', 'write $work/b'],
      /`\/bin\/sh -c "echo one; echo two >&2; exit 3"` failed: one\ntwo$/,
    )
    assert.equal(existsSync(here.at(`action${count - 1}/work/b`)), false)
    assert.equal(existsSync(here.at(`action${count - 1}/work/a`)), true)
  })

  const FAILING: [string, RegExp][] = [
    ['false', /`false` failed: ended with 1 and said nothing$/],
    ['rm nothing', /`rm nothing` failed: rm: nothing does not exist/],
    ['no-such-program', /`no-such-program` failed: command not found: no-such-program/],
    ['/no/such/program', /`\/no\/such\/program` failed: .*not found: \/no\/such\/program/],
    ['write $out/$NOTHING', /Unbound variable "NOTHING"/],
    ['rm $work/*.none', /No matches found: "[^"]*\*\.none"/],
    ['true && false && write $out/x', /`true && false/],
    ['write $work/x > $work/none/y', /ENOENT/],
  ]
  for (const [step, message] of FAILING)
    it(`fail when they should: ${step}`, () => fails([step], message))

  it('print line by line as they go', async () => {
    const { said } = await run(['/bin/echo hello', 'write x/x y', 'prune x x'])
    assert.deepEqual(said, [
      '+ /bin/echo hello',
      'hello',
      '+ write x/x y',
      '+ prune x x',
      '1 of 1 files removed',
    ])
  })

  it('are heard to the end, also without a line feed there', async () => {
    const own = new Runners()
    for (let i = 0; i < 20; i++) {
      const { said } = await run(['/bin/echo -n abc'], { runners: own })
      assert.deepEqual(said, ['+ /bin/echo -n abc', 'abc'])
    }
    await own.end()
  })

  it('of several actions run in the same process, one after the other', async () => {
    const own = new Runners()
    const parents: string[] = []
    for (let i = 0; i < 3; i++) {
      const { out } = await run([`/bin/sh -c 'echo $PPID > "$out/pid"'`], { runners: own })
      parents.push(readFileSync(`${out}/pid`, 'utf8'))
    }
    assert.equal(new Set(parents).size, 1)
    await own.end()
  })
})

describe('what is shipped', () => {
  const made = ['write $out/usr/bin/a', 'write $out/usr/share/b', 'mkdir $out/empty']
  it('is everything made, folders included', async () => {
    const { paths } = await run(made, { ships: ['usr/bin/*', 'usr/share/**'] })
    assert.deepEqual(paths, ['empty', 'usr', 'usr/bin', 'usr/bin/a', 'usr/share', 'usr/share/b'])
  })

  const WRONG: [string[], RegExp][] = [
    [
      ['usr/**', 'etc/conf'],
      /`ships` failed: ships etc\/conf, but the steps made no such file; they made usr\/bin\/a, usr\/share\/b$/,
    ],
    [
      ['usr/bin/*'],
      /the steps made usr\/share\/b, which `ships` does not name: ship it or remove it in a step$/,
    ],
    [[], /the steps made usr\/bin\/a, usr\/share\/b, which/],
    [['usr/bin/*', 'usr/share/b', '*.so'], /ships \*\.so, but/],
  ]
  for (const [ships, message] of WRONG)
    it(`is compared with [${ships.join(', ')}]`, () => fails(made, message, { ships }))

  it('is listed up to five when it does not fit', () =>
    fails(
      Array.from({ length: 7 }, (_, i) => `write $out/f${i}`),
      /f0, f1, f2, f3, f4 and 2 more, which/,
      { ships: [] },
    ))

  it('may be hidden, and may be folders', async () => {
    await run(['write $out/.hidden/x', 'mkdir $out/run'], { ships: ['.hidden/*', 'run'] })
  })

  it('may be nothing', async () => {
    assert.deepEqual((await run([], { ships: [] })).paths, [])
  })

  it('is checked after it was compared, and a failing check refuses it', async () => {
    await run(made, { check: ['install 0644 $out/usr/bin/a $work/copy'] })
    await fails(made, /`rm \$out\/none` failed/, { check: ['true', 'rm $out/none'] })
    await fails(made, /`ships` failed/, { ships: [], check: ['rm $out/none'] })
  })

  it('is no pipe or device', () =>
    fails(['/usr/bin/mkfifo $out/pipe'], /out\/pipe is neither a file, a folder nor a link/))
})

describe('an action', () => {
  it('is refused when a source changed after its key was made', async () => {
    const file = here.file('changing', 'after')
    const source: SourceFile = {
      path: 'changing',
      pin: `sha256:${sha256('before')}`,
      executable: false,
      origin: { kind: 'checkout', file },
    }
    await assert.rejects(run(['true'], { sources: [source] }), {
      code: 'STEP_SOURCE_CHANGED',
      message: /^changing changed while r was about to be built: build again$/,
    })
  })

  it('fails alone when its process is ended, and says what it was at', async () => {
    const own = new Runners()
    const sleep = run(['/bin/sleep 0.4', 'write $out/a'], { runners: own })
    const kill = `/bin/sh -c 'echo last words; /bin/sleep 0.2; kill -9 0'`
    await fails(
      [kill],
      /ended with SIGKILL; it said last: \+ .*\nlast words$/,
      { runners: own },
      'STEP_ENDED',
    )
    assert.deepEqual((await sleep).paths, ['a'])
    assert.deepEqual((await run(['write $out/b'], { runners: own })).paths, ['b'])
    await own.end()
  })

  it('that is stopped is killed with everything it started', async () => {
    const own = new Runners()
    const stop = new AbortController()
    const pidFile = here.at('pid')
    const running = run([`/bin/sh -c '/bin/sleep 600 & echo $! > ${pidFile}; wait'`], {
      runners: own,
      signal: stop.signal,
    })
    while (!existsSync(pidFile) || here.read('pid') === '') await setTimeout(20)
    const pid = Number(here.read('pid'))
    assert.equal(process.kill(pid, 0), true)
    stop.abort(new Error('stopped by hand'))
    await assert.rejects(running, /stopped by hand/)
    await assert.rejects(run(['true'], { runners: own, signal: stop.signal }), /stopped by hand/)
    await own.end()
    await ended(pid)
  })

  it('leaves nothing running once all is done, not even what a step put into the background', async () => {
    const own = new Runners()
    const pidFile = here.at('background')
    await run([`/bin/sh -c '/bin/sleep 600 >/dev/null 2>&1 </dev/null & echo $! > ${pidFile}'`], {
      runners: own,
    })
    const pid = Number(here.read('background'))
    assert.equal(process.kill(pid, 0), true)
    await own.end()
    await ended(pid)
  })
})

describe('work folders of dead builds', () => {
  it('are removed, whatever their modes; those of the living stay', async () => {
    const dead = '999999-1.0'
    here.file(`work/${dead}/out/x`)
    mkdirSync(here.at('work', '4194399-5.gone1'))
    here.file(`work/${me}.0/out/x`)
    writeFileSync(here.at('work/stray'), '')
    await sweep(here.at('work'))
    assert.deepEqual(
      [existsSync(here.at(`work/${dead}`)), existsSync(here.at('work/stray'))],
      [false, false],
    )
    assert.ok(existsSync(here.at(`work/${me}.0/out/x`)))
    await sweep(here.at('new'))
    assert.ok(existsSync(here.at('new')))
  })

  it('are removed after the processes that were still at them are ended', async () => {
    const child = spawn('/bin/sh', ['-c', 'sleep 600 & wait'], { detached: true, stdio: 'ignore' })
    here.file('orphaned/999999-1.0/runner', processName(child.pid!))
    here.file('orphaned/999999-1.1/runner', '1-0')
    here.file('orphaned/999999-1.2/runner', `${process.pid}-1`)
    await sweep(here.at('orphaned'))
    assert.deepEqual(readdirSync(here.at('orphaned')), [])
    assert.equal(processName(child.pid!), undefined)
    await ended(child.pid!)
  })
})
