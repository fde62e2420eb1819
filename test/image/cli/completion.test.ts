/** The completion scripts, loaded by the shells they are for. */
import assert from 'node:assert/strict'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { VERBS } from '../../../image/cli/verbs.ts'
import { bt, call, REPO, folder as newFolder } from './checkout.ts'

describe('the completion of bash', () => {
  const folder = newFolder()
  before(async () => {
    const { out, code } = await bt(['completion', 'bash'])
    assert.equal(code, 0)
    writeFileSync(join(folder, 'bt.bash'), out)
    writeFileSync(join(folder, 'a file.img'), '')
  })
  after(() => rmSync(folder, { recursive: true }))

  /** What bash offers for the last of the words. */
  const offered = async (...words: string[]) => {
    const script = `source bt.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bt
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const { out, err } = await call('bash', ['-u', '-c', script, 'bash', ...words], { cwd: folder })
    assert.equal(err, '')
    return out.trimEnd().split('\n')
  }
  const names = (of: string, except: string) =>
    readdirSync(join(REPO, of))
      .filter(name => name.endsWith('.ts') && name !== except)
      .map(name => name.slice(0, -3))

  it('offers the verbs', async () => {
    assert.deepEqual(await offered('bt', ''), [...Object.keys(VERBS), '--help', '--version'])
    assert.deepEqual(await offered('bt', 'comp'), ['completion'])
  })

  it('offers boards and recipes by their files', async () => {
    assert.deepEqual(await offered('bt', 'build', ''), names('board', 'board.ts'))
    assert.deepEqual(await offered('bt', 'why', ''), names('recipes', 'recipe.ts'))
    assert.deepEqual(await offered('bt', 'build', '--release', 'qemu'), ['qemu-x86_64'])
  })

  it('offers nothing where nothing more is taken', async () => {
    assert.deepEqual(await offered('bt', 'build', 'qemu-x86_64', ''), [''])
    assert.deepEqual(await offered('bt', 'nothing', ''), [''])
  })

  it('offers options', async () => {
    assert.deepEqual(await offered('bt', 'test', '--'), ['--slow', '--list', '--json', '--help'])
  })

  it('offers verbs to help, and files for every further argument', async () => {
    assert.deepEqual(await offered('bt', 'help', 'bu'), ['build'])
    assert.deepEqual(await offered('bt', 'test', 'x', 'y', 'bt.b'), ['bt.bash'])
  })
})

describe('the completion of zsh', () => {
  it('is a script that names every verb', async () => {
    const { out, code } = await bt(['completion', 'zsh'])
    assert.equal(code, 0)
    assert.match(out, /^#compdef bt\n/)
    for (const verb of Object.keys(VERBS)) assert.ok(out.includes(`    ${verb})\n`), verb)
    const quotes = out.replaceAll("'\\''", '').split("'").length - 1
    assert.equal(quotes % 2, 0)
  })
})
