/** Documents lead to what exists, and every `bt` line they show is one that `bt` understands. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from '../../image/cli/parse.ts'
import { record } from '../../image/cli/records.ts'
import { none } from './none.ts'
import { files, read, REPO } from './sources.ts'

const documents = files().filter(path => path.endsWith('.md') && !path.startsWith('test/golden/'))

describe('documents', () => {
  it('are seen', () => {
    for (const path of ['README.md', 'CHANGELOG.md', 'docs/architecture.md', 'docs/build.md'])
      assert.ok(documents.includes(path), path)
  })

  it('link to files that exist', () => {
    const links = documents.flatMap(path =>
      [...read(path).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(match => ({
        path,
        to: match[1]!,
      })),
    )
    assert.ok(links.length > 5, `${links.length} links seen`)
    const local = links.filter(({ to }) => !/^[a-z]+:/.test(to))
    none(
      local.filter(({ path, to }) => !existsSync(join(REPO, normalize(join(dirname(path), to))))),
      'links lead nowhere',
    )
  })

  it('show only command lines that parse; docs/cli.md is checked with the records', async () => {
    const lines = documents
      .filter(path => path !== 'docs/cli.md')
      .flatMap(path =>
        [...read(path).matchAll(/^(?:\$ )?(?:npx |image\/)?bt ([a-z].*)$/gm)].map(match => ({
          path,
          words: match[1]!.replace(/ +#.*$/, '').split(/ +/),
        })),
      )
    assert.ok(lines.length > 5, `${lines.length} command lines seen`)
    for (const { path, words } of lines) {
      const [verb = '', ...args] = words
      const wrong = await record(verb)
        .then(
          command =>
            void parse(
              command,
              args.filter(word => !/^[|>]/.test(word)),
            ),
        )
        .catch((error: Error) => error.message)
      assert.equal(wrong, undefined, `${path}: bt ${words.join(' ')}`)
    }
  })

  it('name only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const own = documents.flatMap(path =>
      [...read(path).matchAll(/\bnpm (?:run ([a-z:]+)|(start|test)\b)/g)].map(match => ({
        path,
        name: (match[1] ?? match[2])!,
      })),
    )
    assert.ok(own.length > 3, `${own.length} seen`)
    none(
      own.filter(({ name }) => !(name in scripts)),
      'scripts do not exist',
    )
  })
})
