/** Imports point one way (docs/architecture.md). Every source lives in a room with a known list. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { none } from './none.ts'
import { importsOf, read, sources, type Import } from './sources.ts'

const LOWER = ['node/codec', 'node/crypto', 'node/block', 'node/store', 'node/tree']
const below = (room: string) => LOWER.slice(0, LOWER.indexOf(room))
const upper = (...more: string[]) => [...LOWER, ...more]

/** What each room may import besides itself; `*` is everything but the tests. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'recipes/recipe.ts': ['board/board.ts'],
  recipes: ['recipes/recipe.ts'],
  'board/board.ts': [],
  board: ['board/board.ts'],
  image: ['ota', 'recipes/recipe.ts', 'board/board.ts', 'node/crypto'],
  ota: ['node/codec', 'node/crypto', 'node/block'],
  hw: [],
  ...Object.fromEntries(LOWER.map(room => [room, below(room)])),
  'node/tpm': ['node/codec', 'node/crypto'],
  'node/dir': upper(),
  'node/status': [],
  'node/systemd': [],
  'node/web': ['node/status'],
  'node/rpc': upper('node/dir'),
  'node/net': upper(),
  'node/cluster': upper('node/rpc', 'node/net'),
  'node/program': upper('node/rpc', 'node/net'),
  'node/market': upper('node/rpc', 'node/net'),
  'node/fuse': upper('node/rpc'),
  'node/http': upper('node/rpc', 'node/status'),
  'node/update': upper('node/rpc', 'ota'),
  'node/app': upper('node/rpc'),
  'node/cli': upper('node/dir', 'node/rpc', 'node/status', 'node/systemd', 'node/http'),
  'node/version.ts': [],
  'node/main.ts': ['*'],
  test: ['*', 'test'],
}

/** `node/http` of `node/http/app.ts`, `recipes` of `recipes/root.ts`; single files have own rooms. */
function room(path: string): string {
  if (path in MAY) return path
  const parts = path.split('/')
  return path.startsWith('node/') ? parts.slice(0, 2).join('/') : parts[0]!
}

function breach({ from, to, line }: Import): string | undefined {
  const [here, there] = [room(from), room(to)]
  const may = MAY[here]
  const where = `${from}:${line} imports ${to}`
  if (may === undefined) return `${from}: the room ${here} is not in the list of rooms`
  const local = to.endsWith('.ts') || to.includes('/setup/')
  const data = here === 'recipes' || here === 'board'
  if (!local) return data ? `${where}: recipes and boards are data` : undefined
  if (here === 'recipes' && there === here) return `${where}: recipes name each other, by needs`
  if (here === 'board' && there === here) return `${where}: boards do not know each other`
  if (here === there || may.includes(there)) return undefined
  if (may.includes('*') && there !== 'test' && MAY[there] !== undefined) return undefined
  return `${where}: ${here} may import ${may.join(', ') || 'nothing else'}`
}

const imports = sources().flatMap(path => importsOf(path))

describe('imports', () => {
  it('are found: at least one in most sources', () => {
    assert.ok(sources().length > 50, `${sources().length} sources seen`)
    assert.ok(imports.length > sources().length, `${imports.length} imports seen`)
    const rooms = new Set(sources().map(room))
    for (const known of ['image', 'recipes', 'board', 'node/main.ts', 'test'])
      assert.ok(rooms.has(known), `no source seen in ${known}`)
  })

  it('point one way', () => {
    none(imports.map(breach).filter(Boolean), 'imports go the wrong way')
  })

  it('of packages are declared in package.json, development ones only in tests and checks', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const packages = imports
      .filter(({ to }) => !/^(node:|[a-z]+\/.*ts$)/.test(to) && !to.includes('.mjs'))
      .map(({ from, to }) => ({ from, name: /^(@[^/]+\/)?[^/]+/.exec(to)![0] }))
    assert.ok(packages.length > 5, `${packages.length} imports of packages seen`)
    const known = (from: string, name: string) =>
      name in dependencies || (from.startsWith('test/') && name in devDependencies)
    none(
      packages.filter(({ from, name }) => !known(from, name)),
      'undeclared packages are imported',
    )
  })

  it('end in the file name extension, as Node wants them', () => {
    const bare = imports.filter(
      ({ from, to }) => room(to) in MAY && !/\.m?ts$|\.mjs$/.test(to) && from !== to,
    )
    none(bare, 'imports lack the extension')
  })
})

describe('the import rule itself', () => {
  const from = (path: string, code: string) => importsOf(path, code).map(breach)

  const REFUSED: [string, string][] = [
    ['node/http/app.ts', "import { x } from '../../image/paths.ts'"],
    ['node/http/app.ts', "import { x } from '../fuse/x.ts'"],
    ['node/block/header.ts', "import type { X } from '../store/x.ts'"],
    ['node/status/read.ts', "export * from '../http/app.ts'"],
    ['image/cli/x.ts', "const x = await import('../../node/main.ts')"],
    ['image/cli/x.ts', "import {\n  a,\n  b,\n} from '../../board/qemu-x86_64.ts'"],
    ['image/cli/x.ts', "import '../../test/rules/sources.ts'"],
    ['recipes/root.ts', "import fs from 'node:fs'"],
    ['recipes/root.ts', "import other from './base.ts'"],
    ['hw/model.ts', "import { x } from '../image/paths.ts'"],
    ['node/elsewhere/x.ts', "import { x } from 'node:fs'"],
    ['node/cli/x.ts', "import { x } from '../main.ts'"],
  ]
  for (const [path, code] of REFUSED)
    it(`refuses ${code.replaceAll('\n', ' ')} in ${path}`, () => {
      assert.notDeepEqual(from(path, code).filter(Boolean), [])
    })

  it('does not take a comment for an import', () => {
    assert.deepEqual(
      importsOf('hw/x.ts', "/* import 'a' */\n// import x from 'b'\nconst a = 1"),
      [],
    )
  })
})
