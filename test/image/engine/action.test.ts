/** The key of an action: everything that can change the output changes it, and nothing else does. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { actionOf, sourceHash, verbsOf } from '../../../image/engine/action.ts'
import type { SourceFile } from '../../../image/engine/sources.ts'
import type { EvaluatedRecipe } from '../../../image/recipe/check.ts'
import { REPO } from '../../../image/paths.ts'
import { folder } from './folder.ts'

const file = (path: string, hash: string, executable = false): SourceFile => ({
  path,
  pin: `sha256:${hash.repeat(32)}`,
  executable,
  origin: { kind: 'url', url: `https://example.org/${path}` },
})

type Inputs = {
  recipe: EvaluatedRecipe
  env: Record<string, string>
  sources: SourceFile[]
  needs: [string, string][]
  tools: [string, string][]
}

const base = (): Inputs => ({
  recipe: {
    name: 'r',
    about: 'a',
    version: '1',
    license: 'MIT',
    kind: 'image',
    sources: [],
    needs: ['n', 'm'],
    tools: ['t'],
    steps: ['unpack $src $out', 'rm $out/x'],
    ships: ['a', 'b'],
    check: ['true'],
    file: 'recipes/r.ts',
  },
  env: { A: '1', B: '2' },
  sources: [file('s/1', 'aa'), file('s/2', 'bb')],
  needs: [
    ['n', 'n/1'],
    ['m', 'm/1'],
  ],
  tools: [['t', 't/1']],
})

const action = ({ recipe, env, sources, needs, tools }: Inputs) =>
  actionOf(recipe, env, sources, new Map(needs), new Map(tools))
const key = (change: (inputs: Inputs) => void = () => {}) => {
  const inputs = base()
  change(inputs)
  return action(inputs).key
}
const recipe = (over: Partial<EvaluatedRecipe>) => (inputs: Inputs) =>
  void (inputs.recipe = { ...inputs.recipe, ...over })

describe('the key of an action', () => {
  const CHANGES: Record<string, (inputs: Inputs) => void> = {
    'a step': recipe({ steps: ['unpack $src $out', 'rm $out/y'] }),
    'the order of steps': recipe({ steps: ['rm $out/x', 'unpack $src $out'] }),
    'a step more': recipe({ steps: [...base().recipe.steps, 'true'] }),
    'a step that moved to the checks': recipe({
      steps: ['unpack $src $out'],
      check: ['rm $out/x', 'true'],
    }),
    'what is shipped': recipe({ ships: ['a'] }),
    'a check': recipe({ check: ['false'] }),
    'the value of a variable': inputs => (inputs.env['A'] = '2'),
    'a variable more': inputs => (inputs.env['C'] = '3'),
    'the bytes of a source': inputs => (inputs.sources[0] = file('s/1', 'cc')),
    'the name of a source': inputs => (inputs.sources[0] = file('s/3', 'aa')),
    'a source that may be run': inputs => (inputs.sources[0] = file('s/1', 'aa', true)),
    'a source less': inputs => inputs.sources.pop(),
    'two sources that swapped their bytes': inputs =>
      (inputs.sources = [file('s/1', 'bb'), file('s/2', 'aa')]),
    'the tree of a need': inputs => (inputs.needs[0]![1] = 'n/2'),
    'the name of a need': inputs => (inputs.needs[0]![0] = 'o'),
    'the tree of a tool': inputs => (inputs.tools[0]![1] = 't/2'),
    'a tool that became a need': inputs => (inputs.needs.push(inputs.tools.pop()!), undefined),
    'the verbs that are called': recipe({ steps: ['unpack $src $out', 'prune $out x'] }),
  }
  for (const [what, change] of Object.entries(CHANGES))
    it(`changes with ${what}`, () => {
      assert.notEqual(key(change), key())
    })

  const SAME: Record<string, (inputs: Inputs) => void> = {
    nothing: () => {},
    'the order of variables': inputs => (inputs.env = { B: '2', A: '1' }),
    'the order of needs': inputs => inputs.needs.reverse(),
    'the order of sources': inputs => inputs.sources.reverse(),
    'words for people': recipe({ about: 'other', license: 'ISC', version: '2', file: 'x' }),
    'where a source comes from': inputs =>
      (inputs.sources[0] = {
        ...inputs.sources[0]!,
        origin: { kind: 'checkout', file: '/somewhere' },
      }),
    'the name of the recipe': recipe({ name: 'q' }),
  }
  for (const [what, change] of Object.entries(SAME))
    it(`does not change with ${what}`, () => {
      assert.equal(key(change), key())
    })

  it('is 64 hex digits, and stands for named parts', () => {
    const { key, parts } = action(base())
    assert.match(key, /^[0-9a-f]{64}$/)
    assert.deepEqual(Object.keys(parts).sort(), [
      'check 1',
      'engine',
      'env A',
      'env B',
      'need m',
      'need n',
      'ships',
      'source s/1',
      'source s/2',
      'step 1',
      'step 2',
      'tool t',
      'verb rm',
      'verb unpack',
    ])
    assert.equal(parts['source s/1'], `sha256:${'aa'.repeat(32)}`)
    assert.equal(parts['step 2'], 'rm $out/x')
  })
})

describe('the verbs of a recipe', () => {
  const verbs = (...steps: string[]) => verbsOf({ steps, check: [] })
  const CASES: [string[], string[]][] = [
    [
      ['rm a', 'unpack b c', 'rm d'],
      ['rm', 'unpack'],
    ],
    [['cd x && rm y'], ['rm']],
    [['true || (mv a b && ln c d)'], ['ln', 'mv']],
    [['{ mkdir x } > $work/log'], ['mkdir']],
    [['A=1 write x'], ['write']],
    [['echo rm', "echo 'mv a b'", 'make rm'], []],
    [['$out/usr/bin/rm x', '/bin/rm x', 'verb x', '../verbs/rm x'], []],
  ]
  for (const [steps, expected] of CASES)
    it(`of ${steps.join(', ')} are ${expected.join(', ') || 'none'}`, () => {
      assert.deepEqual(verbs(...steps), expected)
    })

  it('are also those of the checks', () => {
    assert.deepEqual(verbsOf({ steps: ['rm a'], check: ['elfcheck b'] }), ['elfcheck', 'rm'])
  })
})

describe('the hash of a source', () => {
  const path = (name: string) => join(REPO, 'image', name)

  it('differs from verb to verb and is the same at every call', () => {
    const files = readdirSync(path('verbs')).map(name => path(`verbs/${name}`))
    assert.ok(files.length > 20)
    assert.equal(new Set(files.map(sourceHash)).size, files.length)
    assert.equal(sourceHash(files[0]!), sourceHash(files[0]!))
  })

  it('follows imports of ours by text and of packages by version, not those of types', () => {
    const here = folder()
    let count = 0
    const hash = (change: Record<string, string> = {}) => {
      const at = `v${count++}`
      const files: Record<string, string> = {
        'a.ts': "import { b } from './b.ts'\nimport type { T } from './t.ts'\nexport const a = b\n",
        'b.ts': "import {\n  c,\n} from './sub/c.ts'\nexport * from './d.ts'\nexport const b = c\n",
        'sub/c.ts': "import picomatch from 'picomatch'\nimport { join } from 'node:path'\n",
        'd.ts': "import { a } from './a.ts'\nexport const d = 1\n",
        't.ts': 'export type T = 1\n',
        ...change,
      }
      for (const [name, text] of Object.entries(files)) here.file(`${at}/${name}`, text)
      return sourceHash(here.at(at, 'a.ts'))
    }
    const first = hash()
    assert.equal(hash(), first)
    assert.equal(hash({ 't.ts': 'export type T = 2\n' }), first)
    for (const name of ['a.ts', 'b.ts', 'sub/c.ts', 'd.ts'])
      assert.notEqual(hash({ [name]: 'export const changed = 1\n' }), first, name)
    const without = "import { x } from 'not-ours'\nimport { join } from 'node:path'\n"
    assert.notEqual(hash({ 'sub/c.ts': without }), first)
    here.end()
  })

  it('covers all that verbs load: none of them imports at run time', () => {
    for (const name of readdirSync(path('verbs')))
      assert.doesNotMatch(
        readFileSync(path(`verbs/${name}`), 'utf8'),
        /\bimport\(|\brequire\(/,
        name,
      )
  })
})
