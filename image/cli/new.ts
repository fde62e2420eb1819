/** `bt new recipe`: a recipe that loads and builds, to start from. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPO } from '../paths.ts'
import type { Command } from './command.ts'
import { UsageError } from './parse.ts'

export class NewError extends Error {
  readonly code = 'NEW_EXISTS'
  constructor(message: string) {
    super(message)
    this.name = 'NewError'
  }
}

export const new_: Command = {
  name: 'new',
  about: 'Make a new recipe from a template.',
  positionals: [
    { name: 'KIND', about: 'what to make: recipe' },
    { name: 'NAME', about: 'its name: lower case, digits and hyphens' },
  ],
  examples: [
    ['bt new recipe hello', 'writes recipes/hello.ts; docs/write-a-recipe.md goes on from there'],
  ],

  async run({ positionals: [kind, name], json, io }) {
    if (kind !== 'recipe')
      throw new UsageError(
        'USAGE_VALUE',
        `bt new makes a recipe, not a ${kind}: bt new recipe NAME`,
      )
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name!) || name === 'recipe')
      throw new UsageError(
        'USAGE_VALUE',
        `${name} is no name for a recipe: lower case, digits and hyphens`,
      )
    const file = join(REPO, 'recipes', `${name}.ts`)
    if (existsSync(file))
      throw new NewError(`recipes/${name}.ts exists already: choose another name`)
    writeFileSync(file, template(name!), { flag: 'wx' })
    if (json) io.out(JSON.stringify({ file: `recipes/${name}.ts` }))
    else
      io.out(
        `recipes/${name}.ts\nadd '${name}' to \`parts\` in recipes/root.ts to put it into the image`,
      )
    return 0
  },
}

function template(name: string): string {
  return `import { recipe } from './recipe.ts'

export default recipe({
  name: '${name}',
  about: 'what ${name} is for, in one line',
  version: '0.1.0',
  license: 'Apache-2.0',
  needs: ['base'],
  steps: ["write $out/usr/share/${name}/hello 'hello from ${name}'"],
  ships: ['usr/share/${name}/hello'],
})
`
}
