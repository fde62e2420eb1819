/** Programs in a tree of their own: a shell and a few programs of this machine, copied with libraries. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { stamp } from '../../../image/engine/tree.ts'
import { verb } from '../../../image/verbs/inside.ts'
import { steps, type Steps } from './call.ts'

const PROGRAMS = ['sh', 'env', 'cat', 'ls', 'id', 'sleep']
const flags = process.getuid?.() === 0 ? ['--mount'] : ['--map-root-user', '--mount']
const trial = spawnSync('unshare', [...flags, 'true'], { encoding: 'utf8' })
const impossible = trial.status === 0 ? false : `namespaces are not permitted here: ${trial.stderr}`

describe('inside', { skip: impossible }, () => {
  let s: Steps
  before(() => {
    s = steps()
    for (const folder of ['work', 'dev', 'proc', 'tmp', 'etc'])
      mkdirSync(s.at('tree', folder), { recursive: true })
    writeFileSync(s.at('tree/etc/name'), 'inner')
    for (const name of PROGRAMS) {
      const file = execFileSync('which', [name], { encoding: 'utf8' }).trim()
      put(file, `usr/bin/${name}`)
      for (const [library] of execFileSync('ldd', [file], { encoding: 'utf8' }).matchAll(/\/\S+/g))
        put(library, library)
    }
    mkdirSync(s.at('tree/bin'))
    put(execFileSync('which', ['sh'], { encoding: 'utf8' }).trim(), 'bin/sh')
    mkdirSync(s.at('w'))
  })
  after(() => s.end())
  function put(from: string, to: string) {
    const target = s.at('tree', to)
    if (existsSync(target)) return
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(realpathSync(from), target)
  }
  /** Runs a shell line inside. */
  const sh = (line: string, env?: Record<string, string>) => {
    writeFileSync(s.at('w/script'), line)
    return s.call(verb, 'tree w /bin/sh script', env)
  }

  it('sees the tree as /, the work folder as /work, and nothing of the host', async () => {
    assert.deepEqual(await sh('cat /etc/name; echo; ls /; ls /work'), [
      ...[
        'inner',
        'bin',
        'dev',
        'etc',
        ...readdirSync(s.at('tree'))
          .filter(n => n.startsWith('lib'))
          .sort(),
      ],
      ...['proc', 'tmp', 'usr', 'work', 'script'],
    ])
    assert.deepEqual(await sh('id -u'), ['0'])
  })

  it('writes into the work folder and /tmp only; the tree stays as it was', async () => {
    const before = stamp(s.at('tree'))
    await sh('echo made > made; echo x > /tmp/x')
    assert.equal(readFileSync(s.at('w/made'), 'utf8'), 'made\n')
    await assert.rejects(
      sh('echo x > /etc/new'),
      /\/bin\/sh ended with \d+: .*Read-only file system/,
    )
    assert.equal(stamp(s.at('tree')), before)
    assert.deepEqual(readdirSync(s.at('tree/tmp')), [])
  })

  it('has no network, and a clean environment', async () => {
    process.env['SECRET_OF_HOST'] = 'x'
    const lines = await sh('cat /proc/net/dev; env')
    delete process.env['SECRET_OF_HOST']
    assert.deepEqual(
      lines.filter(line => /^\s*\w+: /.test(line)).map(line => line.trim().split(':')[0]),
      ['lo'],
    )
    const names = lines.filter(line => /^\w+=/.test(line)).map(line => line.split('=')[0]!)
    assert.ok(names.includes('SOURCE_DATE_EPOCH') && names.includes('HOME'))
    assert.ok(!names.includes('SECRET_OF_HOST') && !names.includes('out'))
  })

  it('sees only its own processes, and leaves none', async () => {
    const lines = await sh('sleep 612345 & echo $$; ls -d /proc/[0-9]*')
    assert.ok(lines.length < 10, lines.join(' '))
    const command = (pid: string) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
      } catch {
        return ''
      }
    }
    assert.deepEqual(
      readdirSync('/proc').filter(pid => command(pid) === 'sleep\x00612345\x00'),
      [],
    )
  })

  it('passes words as they are', async () => {
    const printed: string[] = []
    await verb.run({
      args: [
        'tree',
        'w',
        '/bin/sh',
        '-c',
        'for a; do echo "<$a>"; done',
        'x',
        'a b',
        '$c',
        "d'e",
        '',
      ],
      cwd: s.folder,
      env: {},
      print: line => printed.push(line),
    })
    assert.deepEqual(printed, ['<a b>', '<$c>', "<d'e>", '<>'])
  })

  it('fails with what the program said', async () => {
    await assert.rejects(
      sh('echo one; echo two >&2; exit 3'),
      /^Error: \/bin\/sh ended with 3: one\ntwo$/,
    )
    await assert.rejects(s.call(verb, 'tree w no-such'), /no-such ended with 127: .*no-such/)
  })

  it('refuses trees without the folders it needs, and too few words', async () => {
    for (const line of ['', 'tree', 'tree w'])
      await assert.rejects(
        async () => s.call(verb, line),
        /expected: inside TREE WORK PROGRAM ARGUMENT…/,
      )
    rmSync(s.at('tree/work'), { recursive: true })
    await assert.rejects(sh('true'), /mount point|mount.*work/)
    mkdirSync(s.at('tree/work'))
  })
})
