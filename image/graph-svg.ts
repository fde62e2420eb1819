/** Draws a graph of recipes as SVG: layers from left to right, laid out by dagre. */
import dagre from '@dagrejs/dagre'

export type Box = {
  readonly name: string
  readonly kind: 'image' | 'tool' | 'part'
  readonly needs: readonly string[]
  readonly tools: readonly string[]
  readonly about: string
}

const FILL = { image: '#d7e8d4', tool: '#e6e1d6', part: '#d5e2f0' } as const
const HEIGHT = 34
const MARGIN = 16

/** The same boxes give the same bytes. Needs are solid arrows, tools dashed ones. */
export function drawGraph(boxes: readonly Box[]): string {
  const graph = new dagre.graphlib.Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 56, marginx: MARGIN, marginy: MARGIN })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { name } of boxes) graph.setNode(name, { width: 26 + name.length * 8, height: HEIGHT })
  const known = new Set(boxes.map(box => box.name))
  for (const { name, needs, tools } of boxes)
    for (const from of [...needs, ...tools]) if (known.has(from)) graph.setEdge(from, name)
  dagre.layout(graph)
  const { width = 0, height = 0 } = graph.graph()
  const lines = boxes.flatMap(({ name, tools, needs }) =>
    [...needs, ...tools].map(from => arrow(graph.edge(from, name).points, tools.includes(from))),
  )
  const nodes = boxes.map(({ name, kind, about }) => {
    const { x, y, width: w } = graph.node(name)
    return [
      `<g><title>${text(about)}</title>`,
      `<rect x="${round(x - w / 2)}" y="${round(y - HEIGHT / 2)}" width="${w}" height="${HEIGHT}" rx="7" fill="${FILL[kind]}" stroke="#4a5560"/>`,
      `<text x="${round(x)}" y="${round(y + 5)}" text-anchor="middle">${text(name)}</text></g>`,
    ].join('')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" font-family="system-ui, sans-serif" font-size="14">
<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#4a5560"/></marker></defs>
<rect width="100%" height="100%" fill="#fcfbf8"/>
${[...lines, ...nodes].join('\n')}
</svg>
`
}

function arrow(points: readonly { x: number; y: number }[], dashed: boolean): string {
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
  const dash = dashed ? ' stroke-dasharray="4 3" opacity="0.55"' : ''
  return `<path d="${path}" fill="none" stroke="#4a5560" marker-end="url(#end)"${dash}/>`
}

const round = (value: number) => Math.round(value * 10) / 10

const text = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
