/** Wrappers, on a tree made of this machine's own programs, lying in a folder with an odd name. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { scan } from '../../image/engine/tree.ts'
import { readProgram } from '../../image/tools/program.ts'
import { prepareToolset } from '../../image/toolset.ts'

const folder = mkdtempSync(join(tmpdir(), 'toolset-'))
after(() => rmSync(folder, { recursive: true }))
const root = join(folder, 'a tree (`x`) & * \\ ü')
const bin = join(folder, 'its programs')

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text, { mode: 0o755 })
}

/** Puts a program of this machine into the tree, with its loader and libraries. */
function copyProgram(file: string): void {
  const program = readProgram(realpathSync(file))
  assert.ok(program?.kind === 'elf' && program.loader !== undefined)
  const listed = execFileSync(program.loader, ['--list', file], { encoding: 'utf8' })
  const libraries = [...listed.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(/gm)].map(match => match[1]!)
  for (const path of [file, program.loader, ...libraries]) {
    const to = join(root, path.replace(/^(?:\/usr)?\//, 'usr/'))
    mkdirSync(dirname(to), { recursive: true })
    if (!existsSync(to)) copyFileSync(path, to)
  }
  chmodSync(join(root, file), 0o755)
}

function call(name: string, args: string[] = [], env: Record<string, string> = {}, input = '') {
  const options = { encoding: 'utf8' as const, input, env: { PATH: bin, ...env } }
  return spawnSync(join(bin, name), args, options)
}

describe('toolset', () => {
  before(async () => {
    for (const name of ['cat', 'printf', 'env', 'tail']) copyProgram(`/usr/bin/${name}`)
    put('usr/bin/script', '#!/bin/sh -e\necho "from $0"; false; echo no\n')
    put('usr/bin/calls', '#! /bin/sh\nprintf "%s" called\n')
    put('usr/bin/foreign', '#!/usr/bin/env no-such-language\n')
    put('usr/bin/data', 'neither')
    put('usr/bin/closed', '#!/bin/sh\n')
    put('usr/lib/systemd/helper', '#!/bin/sh\necho helper\n')
    put('usr/sbin/calls', '#!/bin/sh\necho the other one\n')
    put('etc/shadowing/hidden', '#!/bin/sh\n')
    chmodSync(join(root, 'usr/bin/closed'), 0o644)
    symlinkSync('cat', join(root, 'usr/bin/kitten'))
    symlinkSync('/usr/bin/tail', join(root, 'usr/bin/absolute'))
    symlinkSync('/usr/bin/dpkg', join(root, 'usr/bin/outside'))
    symlinkSync('../../../../../../../../bin/sh', join(root, 'usr/bin/escaping'))
    symlinkSync('loop', join(root, 'usr/bin/loop'))
    // What the C library looks up besides: the locale that wrappers set, character sets.
    cpSync('/usr/lib/locale/C.utf8', join(root, 'usr/lib/locale/C.utf8'), { recursive: true })
    const libraries = readdirSync(join(root, 'usr/lib')).find(name => name.endsWith('-linux-gnu'))!
    put(`usr/lib/${libraries}/gconv/gconv-modules`, '')
    const untouched = scan(root)
    assert.deepEqual(await prepareToolset(root, bin), { root, bin })
    assert.deepEqual(scan(root), untouched)
  })

  it('runs programs by the loader and libraries of the tree alone', () => {
    const { stdout } = call('cat', ['/proc/self/maps'])
    const mapped = [...stdout.matchAll(/ (\/.*)$/gm)].map(match => match[1]!)
    assert.ok(
      mapped.some(file => /libc\.so/.test(file)),
      stdout,
    )
    assert.deepEqual(
      mapped.filter(file => !file.startsWith(root)),
      [],
    )
  })

  it('passes arguments, input, output and exit codes through', () => {
    const args = ['a b', '', `'"`, '$HOME', '*', 'ü', '-n', '\n']
    assert.equal(call('printf', ['%s|', ...args]).stdout, `${args.join('|')}|`)
    assert.equal(call('cat', ['-'], {}, 'input').stdout, 'input')
    assert.equal(call('cat', ['/nowhere']).status, 1)
  })

  it('starts programs under the name of their wrapper', () => {
    assert.match(call('kitten', ['/nowhere']).stderr, /^.*its programs\/kitten: /)
    assert.match(call('absolute', ['/nowhere']).stderr, /^.*its programs\/absolute: /)
  })

  it('runs scripts by their interpreter, and what they call by wrappers', () => {
    const { stdout, status } = call('script')
    assert.equal(stdout, `from ${root}/usr/bin/script\n`)
    assert.equal(status, 1)
    assert.equal(call('calls').stdout, 'called')
  })

  it('shields programs from what the caller preloads, and fixes the locale', () => {
    const env = {
      LD_PRELOAD: '/nowhere.so',
      LD_LIBRARY_PATH: '/nowhere',
      LC_ALL: 'de_DE',
      KEPT: '1',
    }
    const { stdout } = call('env', [], env)
    assert.doesNotMatch(stdout, /^LD_/m)
    assert.match(stdout, /^LC_ALL=C\.UTF-8$/m)
    assert.match(stdout, /^KEPT=1$/m)
  })

  it('wraps what can be run and nothing else, bin before sbin', () => {
    const found = readdirSync(bin).filter(name => !name.startsWith('.'))
    assert.deepEqual(found.sort(), [
      'absolute',
      'calls',
      'cat',
      'env',
      'helper',
      'kitten',
      'printf',
      'script',
      'tail',
    ])
  })

  it('finds wrappers written, and writes them anew when the tree has moved', async () => {
    const before = statSync(join(bin, 'cat')).ino
    await prepareToolset(root, bin)
    assert.equal(statSync(join(bin, 'cat')).ino, before)
    const moved = join(folder, 'moved')
    renameSync(root, moved)
    try {
      await prepareToolset(moved, bin)
      assert.match(readFileSync(join(bin, 'cat'), 'utf8'), /\/moved\/usr\/bin\/cat/)
      assert.equal(call('cat', [], {}, 'still').stdout, 'still')
    } finally {
      renameSync(moved, root)
      await prepareToolset(root, bin)
    }
  })

  it('may be made by several at once', async () => {
    const shared = join(folder, 'shared')
    const script = `import { prepareToolset } from '${join(import.meta.dirname, '../../image/toolset.ts')}'
      await prepareToolset(${JSON.stringify(root)}, ${JSON.stringify(shared)})`
    const args = ['--input-type=module', '-e', script]
    const { execFile } = await import('node:child_process')
    await Promise.all(
      Array.from(
        { length: 6 },
        () =>
          new Promise<void>((resolve, reject) =>
            execFile(process.execPath, args, error => (error ? reject(error) : resolve())),
          ),
      ),
    )
    assert.equal(spawnSync(join(shared, 'cat'), { input: 'x' }).stdout.toString(), 'x')
    assert.deepEqual(
      readdirSync(folder).filter(name => name.startsWith('shared.')),
      [],
    )
  })

  it('refuses paths that no script and no search path can carry', async () => {
    for (const bad of [
      `${folder}/it's`,
      `${folder}/a:b`,
      'relative',
      `${folder}/a\nb`,
      `${folder}/"`,
    ])
      for (const [tree, to] of [
        [bad, bin],
        [root, bad],
      ] as const)
        await assert.rejects(prepareToolset(tree, to), { code: 'TOOLSET_BAD_PATH' }, bad)
  })

  it('says that a tree has no programs', async () => {
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    await assert.rejects(prepareToolset(empty, join(folder, 'none')), {
      code: 'TOOLSET_NO_PROGRAMS',
      message: /usr\/bin/,
    })
    assert.ok(!existsSync(join(folder, 'none')))
  })
})
