/** `bt size`: what takes the space of an image, as a table and as a picture. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ManifestError, parseManifest, type Manifest } from '../disk/manifest.ts'
import { bytesByPackage, bytesOf, NO_PACKAGE } from '../disk/manifest-diff.ts'
import { drawTreemap } from '../disk/treemap.ts'
import { BUILD } from '../paths.ts'
import { variantFolder } from '../publish.ts'
import { graphOf } from '../recipe/graph.ts'
import { boardArgument, BUILD_OPTIONS, variantOf } from './build-options.ts'
import { colourful, colours, type Colours } from './colour.ts'
import type { Command } from './command.ts'
import { bytes } from './progress.ts'
import { columns } from './table.ts'

/** What of a build lies beside the manifest and is worth a line, and what it is. */
const PARTS = [
  ['root.erofs', 'root file system'],
  ['root.verity', 'its hashes'],
  ['blocktree.efi', 'kernel, initrd and command line'],
  ['blocktree.img.zst', 'image for download'],
] as const

const SHOWN = 15

export const size: Command = {
  name: 'size',
  about: 'Show what takes the space of an image, and draw it.',
  positionals: [boardArgument],
  options: [
    ...BUILD_OPTIONS,
    { name: 'top', type: 'integer', value: 'N', about: `lines per list (default: ${SHOWN})` },
  ],
  examples: [
    ['bt size', 'packages and largest files; the picture is build/qemu-x86_64/size.svg'],
    ['bt size --release --top 50 --json', 'the release image, for a program'],
  ],

  async run({ positionals, values, json, io }) {
    const board = positionals[0] ?? 'qemu-x86_64'
    const { context } = await graphOf(board, variantOf(values))
    const folder = variantFolder(BUILD, context)
    const file = join(folder, 'manifest.json')
    if (!existsSync(file))
      throw new ManifestError(
        'MANIFEST_NOT_FOUND',
        `${board} is not built (there is no ${file}): run bt build ${board} first`,
      )
    const manifest = parseManifest(readFileSync(file, 'utf8'))
    const svg = join(dirname(folder), 'size.svg')
    mkdirSync(dirname(svg), { recursive: true })
    writeFileSync(svg, drawTreemap(manifest, `${board} ${context.version} ${context.profile}`))
    const top = (values['top'] as number | undefined) ?? SHOWN
    const found = sizes(manifest, folder)
    if (json) io.out(JSON.stringify({ board, ...found, svg }))
    else {
      const c = colours(colourful(process.stdout.isTTY === true))
      for (const line of sizeLines(found, top, c)) io.out(line)
      io.out(`drawn to ${relative(process.cwd(), svg)}`)
    }
    return 0
  },
}

export type Sizes = {
  /** Bytes of all files of the root. */
  readonly total: number
  readonly files: number
  readonly packages: readonly {
    readonly name: string
    readonly version: string
    readonly recipe: string
    readonly bytes: number
  }[]
  readonly largest: readonly { readonly path: string; readonly bytes: number }[]
  readonly parts: readonly {
    readonly name: string
    readonly about: string
    readonly bytes: number
  }[]
}

/** Adds up a manifest, and what lies beside it in `folder`; largest first, names break ties. */
export function sizes(manifest: Manifest, folder: string): Sizes {
  const order =
    <T extends { bytes: number }>(name: (item: T) => string) =>
    (a: T, b: T) =>
      b.bytes - a.bytes || (name(a) < name(b) ? -1 : 1)
  const known = new Map(manifest.packages.map(p => [p.name, p]))
  const packages = [...bytesByPackage(manifest)].map(([name, n]) => {
    const { version = '', recipe = '' } = known.get(name) ?? {}
    return { name, version, recipe, bytes: n }
  })
  const files = manifest.files.filter(file => file.type === 'file')
  const largest = files.map(file => ({ path: file.path, bytes: file.size }))
  return {
    total: bytesOf(files),
    files: files.length,
    packages: packages.sort(order(p => p.name)),
    largest: largest.sort(order(file => file.path)).slice(0, 100),
    parts: PARTS.filter(([name]) => existsSync(join(folder, name))).map(([name, about]) => ({
      name,
      about,
      bytes: statSync(join(folder, name)).size,
    })),
  }
}

/** The report as lines of text. */
export function sizeLines(found: Sizes, top: number, c: Colours): string[] {
  const { total, packages, largest, parts } = found
  const share = (n: number) => `${((n * 100) / Math.max(1, total)).toFixed(1)} %`
  const rest = packages.slice(top)
  const rows = packages.slice(0, top).map(p => {
    const recipe = p.recipe === p.name || p.name === NO_PACKAGE ? '' : p.recipe
    return [`  ${p.name}`, p.version, c.dim(recipe), bytes(p.bytes), share(p.bytes)]
  })
  if (rest.length > 0) {
    const n = rest.reduce((sum, p) => sum + p.bytes, 0)
    rows.push([c.dim(`  and ${rest.length} more`), '', '', bytes(n), share(n)])
  }
  const files = largest.slice(0, top).map(f => [`  /${f.path}`, bytes(f.bytes), share(f.bytes)])
  return [
    c.bold('packages'),
    ...columns(rows, [3, 4]),
    '',
    c.bold('largest files'),
    ...columns(files, [1, 2]),
    '',
    ...(parts.length === 0
      ? []
      : [
          c.bold('parts of the image'),
          ...columns(
            parts.map(p => [`  ${p.name}`, bytes(p.bytes), c.dim(p.about)]),
            [1],
          ),
          '',
        ]),
    `${bytes(total)} in ${found.files} files of ${packages.length} packages`,
  ]
}
