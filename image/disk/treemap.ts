/**
 * Draws what takes the space of an image as SVG: a rectangle a file, as large as the file, inside
 * its package, inside its recipe. Files too small to see are drawn together, by folder. The same
 * manifest gives the same bytes.
 */
import { hierarchy, treemap, type HierarchyRectangularNode } from 'd3-hierarchy'
import { bytes } from '../cli/progress.ts'
import type { Manifest, ManifestFile } from './manifest.ts'
import { bytesOf, NO_PACKAGE } from './manifest-diff.ts'

const [WIDTH, HEIGHT] = [1280, 860]
const TITLE = 50
const MARGIN = 12
const FONT = 11
/** Width of a character of that size, on average and rounded up. */
const CHARACTER = 6.1
/** A share of the whole below which files of a package are drawn as one. */
const SMALL = 0.0012

/** Fill of files, fill of the recipe behind them, its text: pale colours that print well. */
const COLOURS = [
  ['#cfe3cb', '#a9cba2', '#24411f'],
  ['#cfdff0', '#a6c3e0', '#1d3a57'],
  ['#f0dfc4', '#ddc094', '#553a10'],
  ['#e6d3e8', '#cbabd0', '#48264e'],
  ['#f1d0cb', '#dfa59c', '#5b221a'],
  ['#cde5e4', '#9fcac8', '#16403e'],
  ['#ebe7c0', '#d3cb87', '#46410d'],
  ['#dcdad6', '#bdb9b2', '#35322d'],
] as const

type Node = {
  readonly name: string
  readonly title: string
  readonly bytes: number
  readonly children?: readonly Node[]
}
type Placed = HierarchyRectangularNode<Node>

/** @param heading  printed above, such as `qemu-x86_64 0.1.0 dev`. */
export function drawTreemap(manifest: Manifest, heading: string): string {
  const files = manifest.files.filter(file => file.type === 'file' && file.size > 0)
  const total = bytesOf(files)
  const root = hierarchy<Node>(recipeTree(manifest, files, total * SMALL), node => node.children)
    .sum(node => (node.children ? 0 : node.bytes))
    .sort((a, b) => b.value! - a.value! || (a.data.name < b.data.name ? -1 : 1))
  const placed = treemap<Node>()
    .size([WIDTH - 2 * MARGIN, HEIGHT - TITLE - MARGIN])
    .paddingOuter(node => (node.depth === 0 ? 0 : 3))
    .paddingTop(node => (node.depth === 0 ? 0 : node.children ? headerHeight(node) : 0))
    .paddingInner(node => (node.depth === 0 ? 6 : 2))
    .round(true)(root)
  const shapes = (placed.children ?? []).flatMap((recipe, i) => {
    const colour = COLOURS[Math.min(i, COLOURS.length - 1)]!
    return recipe.descendants().map(node => shape(node, colour))
  })
  const sum = `${bytes(total)} in ${files.length} files`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="${FONT}">
<rect width="100%" height="100%" fill="#fcfbf8"/>
<text x="${MARGIN}" y="33" font-size="20" fill="#22282e">${text(heading)}</text>
<text x="${WIDTH - MARGIN}" y="33" font-size="16" fill="#4a5560" text-anchor="end">${sum}</text>
<g transform="translate(${MARGIN} ${TITLE})">
${shapes.filter(line => line !== '').join('\n')}
</g>
</svg>
`
}

/** Recipes, packages and files; a recipe of one package of its own name has no level for it. */
function recipeTree({ packages }: Manifest, files: readonly ManifestFile[], small: number): Node {
  const recipeOf = new Map(packages.map(p => [p.name, p.recipe]))
  const versionOf = new Map(packages.map(p => [p.name, p.version]))
  const byRecipe = Map.groupBy(files, f => recipeOf.get(f.package ?? '') ?? NO_PACKAGE)
  const recipes = [...byRecipe].map(([recipe, own]): Node => {
    const byPackage = [...Map.groupBy(own, file => file.package ?? recipe)]
    const groups = byPackage.map(([name, list]): Node => {
      const title = [name, versionOf.get(name)].filter(Boolean).join(' ')
      return { name, title, bytes: bytesOf(list), children: leaves(list, small) }
    })
    const single = groups.length === 1 && groups[0]!.name === recipe
    const children = single ? groups[0]!.children! : together(groups, small * 3)
    return { name: recipe, title: recipe, bytes: bytesOf(own), children }
  })
  return { name: '', title: '', bytes: 0, children: recipes }
}

/**
 * Files that can be seen, one by one; the smaller ones by the folder in which they add up to
 * something that can be.
 */
function leaves(files: readonly ManifestFile[], small: number): Node[] {
  const seen: Node[] = []
  const visit = (folder: string, own: readonly ManifestFile[]): ManifestFile[] => {
    const inner = Map.groupBy(own, ({ path }) => {
      const end = path.indexOf('/', folder.length)
      return end < 0 ? '' : path.slice(0, end + 1)
    })
    const rest = [...inner].flatMap(([name, list]) => (name === '' ? list : visit(name, list)))
    if (folder === '' || bytesOf(rest) < small * 3) return rest
    seen.push(group(folder, rest))
    return []
  }
  const nodes = files.filter(file => file.size >= small)
  for (const { path, size } of nodes)
    seen.push({ name: path.slice(path.lastIndexOf('/') + 1), title: `/${path}`, bytes: size })
  const rest = visit(
    '',
    files.filter(file => file.size < small),
  )
  return rest.length === 0 ? seen : [...seen, group('', rest)]
}

function group(folder: string, files: readonly ManifestFile[]): Node {
  const name = folder === '' ? 'other files' : folder.split('/').slice(-3).join('/')
  const title = `${files.length} smaller files in /${folder}`
  return { name: `${name} (${files.length})`, title, bytes: bytesOf(files) }
}

/** Leaves the packages that can be seen and makes one of the rest. */
function together(nodes: readonly Node[], small: number): Node[] {
  const rest = nodes.filter(node => node.bytes < small)
  if (rest.length < 2) return [...nodes]
  const name = `${rest.length} smaller packages`
  const sum = rest.reduce((n, node) => n + node.bytes, 0)
  return [...nodes.filter(node => node.bytes >= small), { name, title: name, bytes: sum }]
}

const headerHeight = (node: { depth: number }) => (node.depth === 1 ? 22 : 17)

function shape(node: Placed, [light, dark, ink]: (typeof COLOURS)[number]): string {
  const { x0, y0, x1, y1, depth, data, children } = node
  const [w, h] = [x1 - x0, y1 - y0]
  if (w < 1 || h < 1) return ''
  const size = bytes(node.value ?? 0)
  const fill = children === undefined ? light : depth === 1 ? dark : '#ffffff66'
  const parts = [
    `<g><title>${text(`${data.title}, ${size}`)}</title>`,
    `<rect x="${x0}" y="${y0}" width="${w}" height="${h}" rx="${depth === 1 ? 5 : 2}" fill="${fill}"/>`,
  ]
  const write = (label: string, x: number, y: number, style: string) => {
    if (label !== '')
      parts.push(`<text x="${x}" y="${y}" fill="${ink}"${style}>${text(label)}</text>`)
  }
  if (children !== undefined) {
    const label = cut(`${data.name}  ${size}`, w - 10) || cut(data.name, w - 10)
    write(label, x0 + 6, y0 + headerHeight(node) - 6, depth === 1 ? ' font-weight="600"' : '')
  } else if (w >= 16 && w < 64 && h > w * 1.2 && data.name.length * CHARACTER > w - 8) {
    // Tall and narrow: written downwards.
    const both = `${data.name}  ${size}`
    const label = both.length * CHARACTER < h - 8 ? both : cut(data.name, h - 8)
    write(label, x0 + 5, y0 + 2, ` transform="rotate(90 ${x0 + 5} ${y0 + 5})"`)
  } else if (h >= 15) {
    write(cut(data.name, w - 8), x0 + 5, y0 + 12, '')
    if (h >= 30 && size.length * CHARACTER < w - 8) write(size, x0 + 5, y0 + 26, ' opacity="0.65"')
  }
  return `${parts.join('')}</g>`
}

/** What of a text fits so many pixels; nothing when that would say nothing. */
function cut(label: string, width: number): string {
  const fits = Math.floor(width / CHARACTER)
  if (label.length <= fits) return label
  return fits < 6 ? '' : `${label.slice(0, fits - 1).trimEnd()}…`
}

const text = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
