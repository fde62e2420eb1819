/** A copy of the checkout that a test may break, and a way to call `bt` as a person would. */
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const REPO = dirname(dirname(dirname(import.meta.dirname)))

const COPIED = ['image', 'board', 'recipes', 'ota', 'node/codec', 'node/crypto', 'node/block']
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', '.prettierrc.json']

/** A new empty folder that is removed when the test file ends. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'bt-test-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A new folder with a space in its path: the sources, and node_modules by a link. */
export function copyOfCheckout(): { repo: string; remove: () => void } {
  const top = mkdtempSync(join(tmpdir(), 'bt test '))
  const repo = join(top, 'check out')
  mkdirSync(join(repo, 'test'), { recursive: true })
  for (const path of [...COPIED, ...FILES])
    if (existsSync(join(REPO, path)))
      cpSync(join(REPO, path), join(repo, path), { recursive: true })
  symlinkSync(join(REPO, 'node_modules'), join(repo, 'node_modules'))
  return { repo, remove: () => rmSync(top, { recursive: true, force: true }) }
}

export type Outcome = {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

export type Call = {
  readonly repo?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Called with all of standard error so far, and the process, whenever more comes. */
  readonly watch?: (err: string, child: ChildProcess) => void
}

/** Calls `image/bt` in an own process group, with nothing on standard input. */
export function bt(args: readonly string[], { repo = REPO, cwd, env, watch }: Call = {}) {
  return call(join(repo, 'image', 'bt'), args, {
    ...(cwd && { cwd }),
    ...(env && { env }),
    ...(watch && { watch }),
  })
}

export function call(program: string, args: readonly string[], { cwd, env, watch }: Call = {}) {
  const child = spawn(program, args, {
    cwd: cwd ?? tmpdir(),
    // node:test marks its children so; a test run of ours is not a part of this one.
    env: {
      ...process.env,
      NODE_TEST_CONTEXT: undefined,
      BT_BUILD: undefined,
      BT_REPO: undefined,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', text => (out += text))
  child.stderr.setEncoding('utf8').on('data', text => {
    err += text
    watch?.(err, child)
  })
  return new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, out, err }))
  })
}
