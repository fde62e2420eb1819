/** `bt graph`: what needs what, as text or as a picture. */
import { writeFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { order } from '../engine/schedule.ts'
import { BUILD } from '../paths.ts'
import { graphOf } from '../recipe/graph.ts'
import { drawGraph, type Box } from '../graph-svg.ts'
import { boardArgument, BUILD_OPTIONS, variantOf } from './build-options.ts'
import type { Command } from './command.ts'

export const graph: Command = {
  name: 'graph',
  about: 'Show which recipes an image is made of and what needs what.',
  positionals: [boardArgument],
  options: [
    ...BUILD_OPTIONS,
    { name: 'svg', type: 'boolean', about: 'draw it to build/<board>/graph.svg' },
  ],
  examples: [
    ['bt graph', 'one recipe a line, in the order they are made, with what it needs'],
    ['bt graph qemu-x86_64 --svg', 'the same as a picture'],
  ],

  async run({ positionals, values, json, io }) {
    const board = positionals[0] ?? 'qemu-x86_64'
    const { recipes } = await graphOf(board, variantOf(values))
    const nodes = new Map(
      [...recipes].map(([name, { needs, tools }]) => [name, { name, needs: [...needs, ...tools] }]),
    )
    const boxes: Box[] = order(nodes, ['image']).map(({ name }) => {
      const { kind, needs, tools, about } = recipes.get(name)!
      return { name, kind, needs, tools, about }
    })
    if (json) io.out(JSON.stringify({ board, recipes: boxes }))
    else if (values['svg']) {
      const file = join(BUILD, board, 'graph.svg')
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, drawGraph(boxes))
      io.out(file)
    } else
      for (const { name, needs, tools } of boxes) {
        const runs = tools.length > 0 ? `  (runs ${tools.join(', ')})` : ''
        io.out(`${name}${needs.length > 0 ? ` <- ${needs.join(', ')}` : ''}${runs}`)
      }
    return 0
  },
}
