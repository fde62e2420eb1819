/** docs/write-a-recipe.md says what recipes, steps and verbs really are. */
import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { evaluate } from '../../image/recipe/check.ts'
import { stepFault, VARIABLES } from '../../image/recipe/check-step.ts'
import type { Verb } from '../../image/verbs/verb.ts'
import { context, good } from '../image/recipe/context.ts'
import { read, REPO } from './sources.ts'

const PATH = 'docs/write-a-recipe.md'
const VERBS = join(REPO, 'image/verbs')

/** A Markdown table as prettier aligns it. */
function table(rows: readonly (readonly [string, string])[]): string {
  const width = (column: 0 | 1) => Math.max(...rows.map(row => row[column].length))
  const line = (cells: readonly [string, string]) =>
    `| ${cells[0].padEnd(width(0))} | ${cells[1].padEnd(width(1))} |`
  const [head, ...rest] = rows
  const rule = `| ${'-'.repeat(width(0))} | ${'-'.repeat(width(1))} |`
  return [line(head!), rule, ...rest.map(line)].join('\n')
}

/** What stands in the first column of the table under a heading, without backquotes. */
function firstColumn(heading: string): string[] {
  const section = read(PATH).split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!
  const rows = section.split('\n').filter(line => line.startsWith('| '))
  return rows.slice(2).map(row => row.split(' | ')[0]!.slice(2).trim().replaceAll('`', ''))
}

describe(PATH, () => {
  it('lists the verbs with what they say of themselves', async () => {
    const names = readdirSync(VERBS).filter(name => name !== 'verb.ts')
    assert.ok(names.length > 20)
    const verbs = await Promise.all(
      names.sort().map(async name => ((await import(join(VERBS, name))) as { verb: Verb }).verb),
    )
    const rows = verbs.map(
      ({ usage, about }) => [`\`${usage.replaceAll('|', '\\|')}\``, about] as const,
    )
    const [before, , after] = read(PATH).split(/<!-- \/?verbs -->/)
    const text = `${before}<!-- verbs -->\n\n${table([['verb', 'what it does'], ...rows])}\n\n<!-- /verbs -->${after}`
    if (process.env['BT_UPDATE'] === '1') writeFileSync(join(REPO, PATH), text)
    assert.equal(
      read(PATH),
      text,
      `${PATH} is out of date: BT_UPDATE=1 bt test recipe-doc writes it`,
    )
  })

  it('has verbs whose usage begins with their own name', async () => {
    for (const name of readdirSync(VERBS).filter(name => name !== 'verb.ts')) {
      const { verb } = (await import(join(VERBS, name))) as { verb: Verb }
      assert.ok(verb.usage.startsWith(`${name.replace('.ts', '')} `), verb.usage)
      assert.match(verb.about, /^[^\n]{10,100}$/, name)
      assert.doesNotMatch(verb.about, /\.$/, name)
    }
  })

  it('explains every field of a recipe, and no other', () => {
    const { file: _, ...fields } = evaluate(good, context, 'recipes/good.ts')
    assert.deepEqual(firstColumn('The fields').sort(), Object.keys(fields).sort())
  })

  it('says of what is refused only what is refused', () => {
    const EXAMPLES: Record<string, string> = {
      'a newline': 'a\nb',
      'a pipe': 'a | b',
      'a here-document': 'a << b',
      '$(…)': 'a $(b)',
      'a backtick': 'a `b`',
      'an unknown variable': 'a $B',
    }
    const column = firstColumn('Steps')
    assert.ok(column.length >= 10, column.join(', '))
    for (const edge of column) {
      const given = edge.split(/, | or | …/).filter(part => part !== '' && part !== 'alone')
      for (const part of EXAMPLES[edge] === undefined ? given : [EXAMPLES[edge]])
        assert.notEqual(
          stepFault(/^[;&$]/.test(part) ? `a ${part}` : part.replace(/ alone$/, '')),
          undefined,
          edge,
        )
    }
  })

  it('names the variables of a step, but for those that programs expect', () => {
    const named = [...read(PATH).matchAll(/`\$([A-Za-z_]+)`/g)].map(match => match[1]!)
    for (const name of ['in', 'src', 'out', 'work', 'SOURCE_DATE_EPOCH', 'JOBS']) {
      assert.ok(named.includes(name), name)
      assert.ok((VARIABLES as readonly string[]).includes(name), name)
    }
  })
})
