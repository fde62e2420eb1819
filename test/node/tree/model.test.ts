import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Tree } from '../../../node/tree/tree.ts'
import { Model, type Outcome } from './model.ts'
import { picture } from './picture.ts'
import { plant, type Planted } from './planted.ts'

/** `BLOCKTREE_RUNS` says how many. */
const RUNS = Number(process.env['BLOCKTREE_RUNS'] ?? 60)

/** Few names, so that they meet. */
const name = fc.constantFrom('a', 'b', 'c', 'ä', 'x y')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => `/ROOT/${names.join('/')}`)
const offset = fc.oneof(fc.nat(9000), fc.constantFrom(0, 4095, 4096, 4097, 8192))
const content = fc.uint8Array({ maxLength: 9000 })
const access = fc.constantFrom('random', 'sequential' as const)

/** One call of the tree and the same of the model. */
type Step = { readonly says: string; readonly on: (target: Tree | Model) => Promise<unknown> }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: path.map(p => call('mkdir', p)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(path, content, access)
      .map(([p, c, a]) => call('writeFile', p, c, { access: a })),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(path, offset, content).map(([p, at, c]) => patch(p, at, c)),
  },
  { weight: 2, arbitrary: fc.tuple(path, offset).map(([p, size]) => cut(p, size)) },
  { weight: 4, arbitrary: fc.tuple(path, path).map(([a, b]) => call('rename', a, b)) },
  { weight: 2, arbitrary: fc.tuple(path, path).map(([a, b]) => call('link', a, b)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.oneof(path, name, fc.constant('../a')), path)
      .map(([to, p]) => call('symlink', to, p)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(path, fc.boolean())
      .map(([p, recursive]) => call('remove', p, { recursive })),
  },
  { weight: 1, arbitrary: path.map(p => call('readlink', p)) },
  { weight: 1, arbitrary: fc.tuple(path, fc.nat(0o777)).map(([p, mode]) => chmod(p, mode)) },
)

/** So that most steps find something. */
const PRELUDE: readonly Step[] = [
  ...['a', 'b', 'a/b', 'a/ä'].map(p => call('mkdir', `/ROOT/${p}`)),
  ...['c', 'a/a', 'a/c', 'b/a', 'a/b/a', 'a/b/c'].map(p =>
    call('writeFile', `/ROOT/${p}`, new Uint8Array(5000).fill(p.length)),
  ),
  call('link', '/ROOT/a/a', '/ROOT/b/b'),
  call('symlink', 'a/b', '/ROOT/x y'),
  call('symlink', '../c', '/ROOT/b/x y'),
]

function call(
  method: 'mkdir' | 'writeFile' | 'rename' | 'link' | 'symlink' | 'remove' | 'readlink',
  ...args: unknown[]
): Step {
  return {
    says: `${method} ${JSON.stringify(args, (_, v) => (v instanceof Uint8Array ? `${v.length} bytes` : v))}`,
    on: target => (target[method] as (...args: unknown[]) => Promise<unknown>).apply(target, args),
  }
}

function patch(path: string, at: number, bytes: Uint8Array): Step {
  return {
    says: `write ${bytes.length} at ${at} of ${path}`,
    async on(target) {
      const file = await target.openFile(path, { write: true })
      await file.write(at, bytes)
      await file.close()
    },
  }
}

function cut(path: string, size: number): Step {
  return {
    says: `truncate ${path} to ${size}`,
    async on(target) {
      const file = await target.openFile(path, { write: true })
      await file.truncate(size)
      await file.close()
    },
  }
}

function chmod(path: string, mode: number): Step {
  return { says: `chmod ${path} ${mode}`, on: target => target.setAttributes(path, { mode }) }
}

async function outcome(step: Step, target: Tree | Model): Promise<Outcome> {
  try {
    return { value: await step.on(target) }
  } catch (error) {
    return { code: (error as { code?: string }).code ?? String(error) }
  }
}

describe('a tree', () => {
  let planted: Planted
  before(async () => void (planted = await plant()))
  after(() => planted.end())

  it('does what a plain one in memory does, whatever is asked of it (fast-check)', async () => {
    const outcomes = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async steps => {
        const { tree } = planted
        for (const { name } of await tree.list('/ROOT'))
          await tree.remove(`/ROOT/${name}`, { recursive: true })
        const model = new Model()
        for (const step of [...PRELUDE, ...steps]) {
          const expected = await outcome(step, model)
          const found = await outcome(step, tree)
          if ('code' in expected || 'code' in found)
            assert.deepEqual([step.says, code(found)], [step.says, code(expected)])
          outcomes.set(code(found), (outcomes.get(code(found)) ?? 0) + 1)
        }
        assert.deepEqual(await picture(tree, '/ROOT'), model.picture())
      }),
      { numRuns: RUNS },
    )
    for (const seen of [
      'done',
      'TREE_NOT_FOUND',
      'TREE_EXISTS',
      'TREE_NOT_DIRECTORY',
      'TREE_LINKS',
    ])
      assert.ok((outcomes.get(seen) ?? 0) > 2, `${seen} was seen: ${[...outcomes].join(' ')}`)
    assert.deepEqual((await planted.tree.check()).findings, [])
  })
})

const code = (outcome: Outcome) => ('code' in outcome ? outcome.code : 'done')
