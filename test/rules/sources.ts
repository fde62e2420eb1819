/** The files that the rules look at: what git tracks or would, with the imports of the sources. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export const REPO = dirname(dirname(import.meta.dirname))

/** Paths relative to the checkout: tracked files, and new ones that are not ignored. */
export function files(): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout, status } = spawnSync('git', args, { cwd: REPO, encoding: 'utf8' })
  if (status !== 0)
    throw new Error(`git ls-files ended with ${status}: the rules need a git checkout`)
  return [...new Set(stdout.split('\0'))].filter(
    path => path !== '' && existsSync(join(REPO, path)),
  )
}

export function sources(): string[] {
  return files().filter(path => /\.m?ts$/.test(path))
}

export function read(path: string): string {
  return readFileSync(join(REPO, path), 'utf8')
}

export type Import = { readonly from: string; readonly to: string; readonly line: number }

/** Statements begin a line, as prettier lays them out; so text in strings is not taken for one. */
const IMPORT =
  /(?:^(?:import|export)\b[^'"();]*?\bfrom\s+|^import\s+|\bimport\(\s*)(['"])([\w@./:-]+)\1/gm

/** What a source imports, statically or by a constant `import()`; relative paths are resolved. */
export function importsOf(path: string, text = read(path)): Import[] {
  const code = text.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, gap =>
    gap.replaceAll(/[^\n]/g, ' '),
  )
  return [...code.matchAll(IMPORT)].map(match => ({
    from: path,
    to: match[2]!.startsWith('.') ? normalize(join(dirname(path), match[2]!)) : match[2]!,
    line: code.slice(0, match.index).split('\n').length,
  }))
}
