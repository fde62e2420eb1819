/** `bt diff`: what differs between two images. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ManifestError, parseManifest, type Manifest } from '../disk/manifest.ts'
import {
  compareManifests,
  NO_PACKAGE,
  type FileChange,
  type ManifestDiff,
  type PackageChange,
} from '../disk/manifest-diff.ts'
import { colourful, colours, type Colours } from './colour.ts'
import type { Command } from './command.ts'
import { bytes } from './progress.ts'
import { columns } from './table.ts'

const SHOWN = 20

export const diff: Command = {
  name: 'diff',
  about: 'Show which packages, files and sizes differ between two images.',
  positionals: [
    { name: 'IMAGE_A', about: 'an image, its folder, or a manifest.json', completes: 'file' },
    { name: 'IMAGE_B', about: 'what to compare it with', completes: 'file' },
  ],
  options: [
    { name: 'all', type: 'boolean', about: `list every file, not the ${SHOWN} largest changes` },
  ],
  examples: [
    [
      'bt diff old/blocktree.img build/qemu-x86_64/dev-0.1.0',
      'packages first, then the largest files',
    ],
    ['bt diff old/manifest.json new/manifest.json --json', 'everything, for a program'],
  ],

  run({ positionals, values, json, io }) {
    const [a, b] = positionals.map(path => readManifest(path)) as [Manifest, Manifest]
    const found = compareManifests(a, b)
    if (json) io.out(JSON.stringify(found))
    else {
      const c = colours(colourful(process.stdout.isTTY === true))
      const limit = values['all'] === true ? Infinity : SHOWN
      for (const line of diffLines(found, limit, c)) io.out(line)
    }
    return Promise.resolve(0)
  },
}

/**
 * Finds and reads the manifest of an image.
 *
 * @param path  the manifest, the image beside it, or the folder of both.
 * @throws {ManifestError} when there is none or it can't be read.
 */
export function readManifest(path: string): Manifest {
  const candidates = basename(path).endsWith('.json')
    ? [path]
    : [`${path}.manifest.json`, join(path, 'manifest.json'), join(dirname(path), 'manifest.json')]
  const file = candidates.find(name => existsSync(name) && statSync(name).isFile())
  if (file === undefined)
    throw new ManifestError(
      'MANIFEST_NOT_FOUND',
      `${path}: there is no manifest.json with it; keep the one that bt build made beside the image`,
    )
  return parseManifest(readFileSync(file, 'utf8'))
}

/** The report as lines of text. */
export function diffLines(found: ManifestDiff, limit: number, c: Colours): string[] {
  const { head, packages, files, bytesBefore, bytesAfter } = found
  if (files.length === 0 && packages.length === 0 && Object.keys(head).length === 0)
    return [`no difference: the same ${bytes(bytesAfter)} of files`]
  const lines = Object.entries(head).map(([key, [from, to]]) => `${key} ${from} -> ${to}`)
  if (packages.length > 0)
    lines.push(
      '',
      c.bold('packages'),
      ...columns(
        packages.map(p => packageRow(p, c)),
        [2],
      ),
    )
  if (files.length > 0) {
    const rows = files.slice(0, limit).map(file => fileRow(file, c))
    lines.push('', c.bold('files'), ...columns(rows, [1]))
    if (files.length > limit)
      lines.push(c.dim(`  and ${files.length - limit} more; --all lists them`))
  }
  const count = (change: FileChange['change']) => files.filter(f => f.change === change).length
  lines.push(
    '',
    `${packages.length} packages; files: ${count('added')} added, ${count('removed')} removed, ` +
      `${count('changed')} changed; ${bytes(bytesBefore)} -> ${bytes(bytesAfter)} ` +
      `(${delta(bytesAfter - bytesBefore)})`,
  )
  return lines[0] === '' ? lines.slice(1) : lines
}

function packageRow(p: PackageChange, c: Colours): string[] {
  const mark =
    p.name === NO_PACKAGE || (p.before !== undefined && p.after !== undefined)
      ? '~'
      : p.before === undefined
        ? '+'
        : '-'
  const version =
    p.before === p.after
      ? (p.after ?? '')
      : [p.before, p.after].filter(v => v !== undefined).join(' -> ')
  return [
    `  ${paint(mark, c)} ${p.name}`,
    version,
    delta(p.bytesAfter - p.bytesBefore),
    `${p.files} file${p.files === 1 ? '' : 's'}`,
  ]
}

function fileRow(file: FileChange, c: Colours): string[] {
  const mark = { added: '+', removed: '-', changed: '~' }[file.change]
  return [
    `  ${paint(mark, c)} ${file.path}`,
    delta(file.bytesAfter - file.bytesBefore),
    file.what.join(', '),
  ]
}

function paint(mark: string, c: Colours): string {
  return mark === '+' ? c.good(mark) : mark === '-' ? c.bad(mark) : c.warn(mark)
}

/** `+1.2 MB`, `-512 B`, `±0` */
function delta(n: number): string {
  return n === 0 ? '±0' : `${n < 0 ? '-' : '+'}${bytes(Math.abs(n))}`
}
