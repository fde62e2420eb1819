/** What a person at a terminal meets: passphrases that are not shown, Ctrl-C, progress, completion. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDirectory } from '../../../node/dir/open.ts'
import { Daemon } from '../../harness/daemon.ts'
import { folder, prepareNode } from '../../harness/directory.ts'
import { done, run, start } from '../../harness/process.ts'
import { executable, type Program } from '../../harness/programs.ts'
import { terminal } from '../../harness/terminal.ts'

let program: Program
before(async () => {
  program = await executable()
})

/** With nothing in it that a recovery phrase may have. */
const SECRET = 'Tr0ub4dor&3 zz42'

describe('a terminal', () => {
  it('is asked for a passphrase twice, which it does not show, and shows the 24 words', async () => {
    const dir = join(folder(), 'node')
    await done(['init'], { program, dir })
    const create = `${program.file} root create`
    const unlike = await terminal(create, { BLOCKTREE_DIR: dir }, [
      'one of those\n',
      'another of those\n',
    ])
    assert.equal(unlike.status, 2)
    assert.match(unlike.screen, /the two are not the same: nothing was done/)
    const nothing = await terminal(`${create} --json`, { BLOCKTREE_DIR: dir }, ['\n'])
    assert.equal(nothing.status, 1)
    assert.match(nothing.screen, /"ASK_NOTHING","message":"nothing was typed"/)
    const typo = SECRET.replace('zz', 'zzX\x7f')
    const { screen, status } = await terminal(create, { BLOCKTREE_DIR: dir }, [
      `${typo}\n`,
      `${SECRET}\n`,
    ])
    assert.equal(status, 0, screen)
    assert.match(screen, /A passphrase for the root key: \nThe same again: \n/)
    assert.doesNotMatch(screen, /Tr0ub|&3/)
    const words = [...screen.matchAll(/(?: |^)(\d+) ([a-z]{3,8})\b/gm)]
    assert.deepEqual(
      words.map(([, number]) => Number(number)).sort((a, b) => a - b),
      Array.from({ length: 24 }, (_, i) => i + 1),
    )
    const phrase = words.sort((a, b) => Number(a[1]) - Number(b[1])).map(([, , word]) => word)
    const told = await terminal(`${program.file} root phrase --json`, { BLOCKTREE_DIR: dir }, [
      `${SECRET}\n`,
    ])
    assert.match(told.screen, new RegExp(phrase.join(' ')))
  })

  it('can stop a question with Ctrl-C', async () => {
    const { path } = await prepareNode()
    const { status, screen } = await terminal(
      `${program.file} root phrase`,
      { BLOCKTREE_DIR: path },
      ['half\x03'],
    )
    assert.equal(status, 130)
    assert.match(screen, /blocktree: stopped/)
  })

  it('sees how far a long put is; a pipe does not', async () => {
    const { path } = await prepareNode()
    const file = join(folder(), 'large')
    writeFileSync(file, new Uint8Array(60_000_000))
    const { screen } = await terminal(`${program.file} put ${file} /ROOT/large`, {
      BLOCKTREE_DIR: path,
    })
    assert.match(screen, /\/ROOT\/large {2}[\d.]+ [kM]B of 60(\.0)? MB/)
    const quiet = await run(['put', file, '/ROOT/again'], { program, dir: path })
    assert.deepEqual([quiet.code, quiet.out, quiet.err], [0, '', ''])
  })

  it('is not controlled by names that others chose', async () => {
    const { path } = await prepareNode()
    await done(['mkdir', '/ROOT/\x1b[31mred\u202e'], { program, dir: path })
    assert.equal(await done(['ls'], { program, dir: path }), '\\u001b[31mred\\u202e/\n')
  })
})

describe('Ctrl-C', () => {
  for (const how of ['a daemon', 'no daemon'])
    it(`leaves nothing half-written, with ${how}`, async () => {
      const { path } = await prepareNode()
      const daemon = how === 'a daemon' ? await Daemon.start(path, { program }) : undefined
      await done(['put', '-', '/ROOT/a'], { program, dir: path, input: 'as it was' })
      for (const target of ['/ROOT/a', '/ROOT/new']) {
        const put = start(['put', '-', target], { program, dir: path })
        put.child.stdin!.write(new Uint8Array(1_000_000))
        await sleep(400)
        put.child.kill('SIGINT')
        assert.equal(await put.ended, 130)
        assert.equal(put.err, 'blocktree: stopped\n')
      }
      assert.equal(await done(['ls'], { program, dir: path }), 'a\n')
      assert.equal(await done(['cat', '/ROOT/a'], { program, dir: path }), 'as it was')
      await done(['fsck'], { program, dir: path })
      await daemon?.stop()
    })

  it('at the second time ends at once', async () => {
    const { path } = await prepareNode()
    const put = start(['put', '-', '/ROOT/a'], { program, dir: path })
    put.child.stdin!.write('x')
    await sleep(400)
    put.child.kill('SIGINT')
    put.child.kill('SIGINT')
    assert.equal(await put.ended, 130)
  })

  it('of a get leaves no part of the file', async () => {
    const { path } = await prepareNode()
    const here = folder('here')
    const input = new Uint8Array(30_000_000)
    await done(['put', '-', '/ROOT/large'], { program, dir: path, input })
    const get = start(['get', '/ROOT/large'], { program, dir: path, cwd: here })
    for (let i = 0; i < 200 && execFileSync('ls', [here]).length === 0; i++) await sleep(5)
    get.child.kill('SIGINT')
    const code = await get.ended
    // It may have been done by then, or on its way out.
    assert.ok([0, 130, null].includes(code), String(code))
    assert.equal(existsSync(join(here, 'large')), code !== 130)
    assert.equal(String(execFileSync('ls', ['-A', here])), code === 130 ? '' : 'large\n')
  })
})

describe('two at once, without a daemon', () => {
  /** Runs a line of bash with `blocktree` in it; fails when it takes so long that it must hang. */
  const bash = (line: string, dir: string) => {
    const env = {
      PATH: `${dirname(program.file)}:${process.env['PATH']}`,
      BLOCKTREE_DIR: dir,
    }
    const args = ['-o', 'pipefail', '-c', line]
    return execFileSync('bash', args, {
      env,
      timeout: 60_000,
      maxBuffer: 1e8,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  it('share the directory: a pipe from one to the other, each way round', async () => {
    const { path } = await prepareNode()
    const input = randomBytes(5_000_000)
    await done(['put', '-', '/ROOT/a'], { program, dir: path, input })
    bash('blocktree cat /ROOT/a | (sleep 0.3; blocktree put - /ROOT/b)', path)
    bash('(sleep 0.3; blocktree cat /ROOT/a) | blocktree put - /ROOT/c', path)
    for (const copy of ['b', 'c'])
      assert.ok(input.equals(bash(`blocktree cat /ROOT/${copy}`, path)), copy)
    assert.throws(() => bash('blocktree cat /ROOT/no | blocktree put - /ROOT/d', path))
  })

  it('do not wait for each other for ever, when a process between keeps the pipe open', async () => {
    const { path } = await prepareNode()
    const input = randomBytes(2_000_000)
    await done(['put', '-', '/ROOT/a'], { program, dir: path, input })
    assert.throws(
      () => bash('(blocktree cat /ROOT/a; true) | (sleep 0.3; blocktree put - /ROOT/b)', path),
      ({ stderr }: { stderr: Buffer }) => /the node ended the connection/.test(String(stderr)),
    )
    assert.equal(await done(['ls'], { program, dir: path }), 'a\n')
  })

  it('all do what they were told', async () => {
    const { path } = await prepareNode()
    const names = Array.from({ length: 8 }, (_, i) => `f${i}`)
    await Promise.all(
      names.map(name =>
        done(['put', '-', `/ROOT/${name}`], { program, dir: path, input: name.repeat(1000) }),
      ),
    )
    assert.equal(
      await done(['ls'], { program, dir: path }),
      names.map(name => `${name}\n`).join(''),
    )
    await done(['fsck'], { program, dir: path })
  })

  it('wait for who holds it and does not answer, but not for ever', async () => {
    const { path } = await prepareNode()
    const held = await openDirectory(path)
    try {
      const { code, err } = await run(['ls'], { program, dir: path })
      assert.deepEqual([code, /is held by process \d+: end it first/.test(err)], [1, true], err)
    } finally {
      await held.close()
    }
  })
})

describe('completion in bash', () => {
  /** What bash would offer for a line. */
  async function offers(line: string, dir: string, cwd: string): Promise<string[]> {
    const script = await done(['completion', 'bash'], { program })
    const words = line.split(' ')
    const quoted = words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
    const body = `${script}
compopt() { :; }
COMP_WORDS=(${quoted}); COMP_WORDS[0]=${program.file}; COMP_CWORD=${words.length - 1}
_blocktree; printf '%s\\n' "\${COMPREPLY[@]}"`
    const env = { PATH: process.env['PATH'], BLOCKTREE_DIR: dir }
    const out = execFileSync('bash', ['-c', body], { cwd, env, encoding: 'utf8' })
    return out.split('\n').filter(Boolean)
  }

  it('offers verbs, options, files and paths of the tree', async () => {
    const { path } = await prepareNode()
    const here = folder('here')
    writeFileSync(join(here, 'apple.txt'), 'x')
    for (const made of ['/ROOT/docs', '/ROOT/docs/old', '/ROOT/dark', '/ROOT/two words'])
      await done(['mkdir', made], { program, dir: path })
    const rows: [string, string[]][] = [
      ['blocktree un', ['unshare']],
      ['blocktree root ', ['create', 'show', 'backup', 'restore', 'phrase', 'rotate']],
      ['blocktree root b', ['backup']],
      ['blocktree root backup app', ['apple.txt']],
      ['blocktree node r', ['run']],
      ['blocktree mv --fo', ['--force']],
      ['blocktree root create --ph', ['--phrase-file']],
      ['blocktree root create --phrase-file a', ['apple.txt']],
      ['blocktree put ap', ['apple.txt']],
      ['blocktree put apple.txt /ROOT/do', ['/ROOT/docs/']],
      ['blocktree ls ', ['/ROOT/']],
      ['blocktree cat /ROOT/docs/', ['/ROOT/docs/old/']],
      ['blocktree rm /ROOT/dark/ /ROOT/d', ['/ROOT/dark/', '/ROOT/docs/']],
      ['blocktree ls /ROOT/t', ['/ROOT/two\\ words/']],
      ['blocktree completion ', ['bash']],
      ['blocktree request ', ['list', 'approve', 'deny']],
      ['blocktree request /ROOT/do', ['/ROOT/docs/']],
      ['blocktree help unsh', ['unshare']],
    ]
    for (const [line, expected] of rows)
      assert.deepEqual(await offers(line, path, here), expected, line)
  })
})
