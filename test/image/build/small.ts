/**
 * A checkout of a few small recipes with an own cache, and a way to build it as a person would: by
 * the bundled `bt` in a process of its own. The engine is that of this checkout, by a link.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { formatLock } from '../../../image/debian/lock.ts'
import type { BuildSummary } from '../../../image/cli/build-summary.ts'
import type { Outcome } from '../cli/checkout.ts'

const REPO = dirname(dirname(dirname(import.meta.dirname)))

/** The bundled `bt` of this checkout; fresh after the first call of {@link Small.bt}. */
export const BUNDLE = join(REPO, 'build/bt/bt.cjs')

export type Run = {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Called with the process as soon as it is started. */
  readonly started?: (child: ChildProcess) => void
  /** Called with all of standard error so far, and the process, whenever more comes. */
  readonly watch?: (err: string, child: ChildProcess) => void
  /** Runs this program with the command line behind it: `prlimit`, `setpriv` … */
  readonly through?: readonly string[]
  readonly input?: string
  /** Gives it a terminal, as `script` makes one; standard error then comes with the output. */
  readonly terminal?: boolean
}

export type Small = {
  readonly repo: string
  readonly cache: string
  /** What makes the bundled `bt` work on this checkout. */
  readonly env: Readonly<Record<string, string>>
  /** Writes `recipes/NAME.ts`; fields as TypeScript, the others are filled in. */
  recipe(name: string, fields: string): void
  file(path: string, text: string): void
  read(path: string): string
  bt(args: readonly string[], run?: Run): Promise<Outcome>
  /** `bt build --json`, which must go well; a failure throws what it said. */
  build(...args: string[]): Promise<BuildSummary & { readonly err: string }>
  /** What the last build that made `recipe` named in its record: its tree. */
  tree(recipe: string): Promise<string>
  /** Names in `work/` of the cache. */
  work(): string[]
  end(): void
}

/** The recipe `image` is there already: it puts the files of `parts` together in one text. */
export function small(parts: readonly string[], folder?: string): Small {
  const top = mkdtempSync(join(folder ?? tmpdir(), 'small-'))
  const repo = join(top, 'repo')
  const cache = join(top, 'cache')
  mkdirSync(join(repo, 'recipes'), { recursive: true })
  mkdirSync(join(repo, 'board'))
  for (const path of ['recipes/recipe.ts', 'board/board.ts', 'board/qemu-x86_64.ts'])
    cpSync(join(REPO, path), join(repo, path))
  for (const path of ['package.json', 'package-lock.json'])
    cpSync(join(REPO, path), join(repo, path))
  for (const path of ['image', 'node_modules']) symlinkSync(join(REPO, path), join(repo, path))
  const empty = { suite: 'trixie', recipes: new Map(), packages: new Map() }
  for (const arch of ['amd64', 'arm64'] as const)
    writeFileSync(join(repo, `recipes/debian.${arch}.lock.json`), formatLock({ ...empty, arch }))

  const self: Small = {
    repo,
    cache,
    env: { BT_FRESH: '1', BT_REPO: repo, BT_BUILD: join(repo, 'build'), BT_CACHE: cache },
    recipe(name, fields) {
      const defaults = `name: '${name}', about: 'for a test', version: '1', license: 'Apache-2.0'`
      const given = /\bships:/.test(fields) ? fields : `ships: ['${name}'], ${fields}`
      const text = `import { recipe } from './recipe.ts'\nexport default recipe({ ${defaults}, ${given} })\n`
      writeFileSync(join(repo, 'recipes', `${name}.ts`), text)
    },
    file(path, text) {
      mkdirSync(dirname(join(repo, path)), { recursive: true })
      writeFileSync(join(repo, path), text)
    },
    read: path => readFileSync(join(repo, path), 'utf8'),
    bt: (args, run = {}) => call(self, args, run),
    async build(...args) {
      const { code, out, err } = await self.bt(['build', '--json', ...args])
      if (code !== 0) throw new Error(`bt build ended with ${code}: ${err}`)
      return { ...(JSON.parse(out) as BuildSummary), err }
    },
    async tree(recipe) {
      const { out, err } = await self.bt(['build', '--goal', recipe, '--cached-only'])
      if (out === '') throw new Error(err)
      return out.trim()
    },
    work: () => readdirSync(join(cache, 'work')),
    end: () => rmSync(top, { recursive: true, force: true }),
  }
  self.recipe(
    'image',
    `kind: 'part', needs: [${parts.map(part => `'${part}'`).join(', ')}],
     steps: ['/bin/cat ${parts.map(part => `$in/${part}/${part}`).join(' ')} /dev/null > $out/blocktree.img'],
     ships: ['blocktree.img']`,
  )
  return self
}

let fresh = false

function call(s: Small, args: readonly string[], run: Run): Promise<Outcome> {
  if (!fresh) spawnSync(join(REPO, 'image/bt'), ['--version'], { env: { ...process.env, BT_BUILD: undefined } })
  fresh = true
  const line = [process.execPath, BUNDLE, ...args]
  // `script` starts its own shell by this variable; it is meant for what runs in it.
  const shell = run.env?.['SHELL'] ?? '/bin/sh'
  const quoted = ['env', `SHELL=${shell}`, ...line]
    .map(word => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ')
  const [program, ...rest] = [
    ...(run.through ?? []),
    ...(run.terminal === true ? ['script', '-qec', quoted, '/dev/null'] : line),
  ]
  const child = spawn(program!, rest, {
    cwd: s.repo,
    env: {
      ...process.env,
      NODE_TEST_CONTEXT: undefined,
      ...s.env,
      ...run.env,
      ...(run.terminal === true && { SHELL: '/bin/sh' }),
    },
    stdio: [run.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  run.started?.(child)
  child.stdin?.on('error', () => {}).end(run.input)
  let [out, err] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', text => (out += text))
  child.stderr!.setEncoding('utf8').on('data', text => {
    err += text
    run.watch?.(err, child)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, out, err }))
  })
}
