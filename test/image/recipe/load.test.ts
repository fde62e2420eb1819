/** The recipes and boards of this checkout, in every variant, and folders with something wrong. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { join } from 'node:path'
import { order } from '../../../image/engine/schedule.ts'
import { REPO } from '../../../image/paths.ts'
import { contextOf } from '../../../image/recipe/context.ts'
import { boardNames, loadBoard, loadRecipes, recipeNames } from '../../../image/recipe/load.ts'
import { folder, type Folder } from '../engine/folder.ts'
import { context } from './context.ts'

describe('the recipes of this checkout', () => {
  const boards = boardNames()
  it('are there, and so is a board', () => {
    assert.ok(recipeNames().length > 10 && boards.length > 0)
    assert.ok(!recipeNames().includes('recipe') && !boards.includes('board'))
  })

  for (const board of boards)
    for (const profile of ['dev', 'release'] as const)
      for (const kernel of ['linux', 'linux-router'])
        it(`load for ${board}, ${profile}, ${kernel}, and lead to an image`, async () => {
          const variant = contextOf(await loadBoard(board), { profile, kernel })
          const recipes = await loadRecipes(variant)
          const tasks = new Map(
            [...recipes].map(([name, { needs, tools }]) => [
              name,
              { name, needs: [...needs, ...tools] },
            ]),
          )
          const names = order(tasks, ['image']).map(({ name }) => name)
          assert.equal(names.at(-1), 'image')
          assert.ok(names.includes(kernel) && names.includes('blocktree'))
          // Their functions are functions: the same context gives the same recipes.
          assert.deepEqual(await loadRecipes(variant), recipes)
        })

  it('are named after their files', async () => {
    for (const [name, recipe] of await loadRecipes(contextOf(context.board, { profile: 'dev' })))
      assert.deepEqual([recipe.name, recipe.file], [name, `recipes/${name}.ts`])
  })
})

describe('a folder of recipes', () => {
  let here: Folder
  before(() => (here = folder()))
  after(() => here.end())
  const text = (fields: string) =>
    `export default { about: 'a', version: '1', license: 'MIT', ships: [], ${fields} }`
  const load = (name: string) => loadRecipes(context, here.at(name, 'recipes'))

  it('is read in the order of the names, without recipe.ts and what is no TypeScript', async () => {
    here.file('good/recipes/b.ts', text(`name: 'b', steps: [], needs: ['a']`))
    here.file('good/recipes/a.ts', text(`name: 'a', steps: [], kind: 'tool'`))
    here.file('good/recipes/recipe.ts', 'throw new Error()')
    here.file('good/recipes/a.lock.json', '{')
    assert.deepEqual([...(await load('good')).keys()], ['a', 'b'])
  })

  const BROKEN: [string, string, string, RegExp][] = [
    ['syntax', 'export default {', 'RECIPE_BROKEN', /^recipes\/a\.ts does not load: /],
    ['thrown', 'throw new Error("no")', 'RECIPE_BROKEN', /^recipes\/a\.ts does not load: no$/],
    ['import', "import './none.ts'", 'RECIPE_BROKEN', /^recipes\/a\.ts does not load: .*none\.ts/],
    [
      'need',
      text(`name: 'a', steps: [], needs: ['aa']`),
      'RECIPE_NEED',
      /^recipes\/a\.ts: needs\[0\] is aa, and recipes\/aa\.ts does not exist; did you mean a\?$/,
    ],
    [
      'tool',
      text(`name: 'a', steps: [], tools: ['a']`),
      'RECIPE_NEED',
      /^recipes\/a\.ts: tools\[0\] is a of kind image, expected a tool$/,
    ],
    ['name', text(`name: 'b', steps: []`), 'RECIPE_NAME', /^recipes\/a\.ts: /],
  ]
  for (const [what, file, code, message] of BROKEN)
    it(`is refused with its file: ${what}`, async () => {
      here.file(`${what}/recipes/a.ts`, file)
      await assert.rejects(load(what), { code, message })
    })
})

describe('a board', () => {
  for (const name of [
    'qemu-x86',
    'Qemu-x86_64',
    'board',
    '../board/qemu-x86_64',
    '',
    'x'.repeat(300),
  ])
    it(`is not found as ${JSON.stringify(name.slice(0, 30))}`, async () => {
      await assert.rejects(loadBoard(name), {
        code: 'BOARD_UNKNOWN',
        message: /boards are .*qemu-x86_64/,
      })
    })

  it('is found by its name, in the folder that is asked', async () => {
    assert.equal((await loadBoard('qemu-x86_64', join(REPO, 'board'))).name, 'qemu-x86_64')
  })
})
