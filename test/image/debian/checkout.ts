/**
 * A checkout with two recipes of its own, whose packages are those of the small mirror. Modules that
 * know where the checkout is must be imported after it was made.
 */
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mirror } from './mirror.ts'

const ROOT = join(import.meta.dirname, '../../..')

export type Checkout = {
  readonly site: Mirror
  readonly repo: string
  /** Writes `recipes/NAME.ts`; fields as TypeScript. */
  recipe(name: string, fields: string): void
  end(): Promise<void>
}

export async function checkout(): Promise<Checkout> {
  const repo = mkdtempSync(join(tmpdir(), 'checkout-'))
  for (const path of [
    'recipes/recipe.ts',
    'board/board.ts',
    'board/qemu-x86_64.ts',
    'package.json',
  ])
    cpSync(join(ROOT, path), join(repo, path), { recursive: true })
  mkdirSync(join(repo, 'build'))
  process.env['BT_REPO'] = repo
  process.env['BT_BUILD'] = join(repo, 'build')
  process.env['BT_CACHE'] = join(repo, 'cache')
  const { REPO } = await import('../../../image/paths.ts')
  assert.equal(REPO, repo, 'image/paths.ts was imported before the checkout was made')
  const { mirror } = await import('./mirror.ts')
  const site = await mirror()
  process.env['BT_DEBIAN_MIRROR'] = `${site.uri}debian`
  process.env['BT_DEBIAN_SECURITY_MIRROR'] = `${site.uri}security`
  process.env['BT_DEBIAN_KEYRING'] = join(ROOT, 'test/golden/debian/keyring.asc')
  const recipe = (name: string, fields: string) =>
    writeFileSync(
      join(repo, 'recipes', `${name}.ts`),
      `import { recipe } from './recipe.ts'
       export default recipe({ name: '${name}', about: 'x', version: 'debian', license: 'debian',
         steps: ['mkdir $out/x'], ships: ['**'], ${fields} })`,
    )
  recipe('low', `sources: [{ debian: ['libcommon'] }]`)
  recipe('high', `needs: ['low'], sources: [{ debian: ['alpha'] }]`)
  recipe('tool', `kind: 'tool', sources: [{ debian: ['either-one'] }]`)
  return {
    site,
    repo,
    recipe,
    async end() {
      await site.end()
      rmSync(repo, { recursive: true })
    },
  }
}
