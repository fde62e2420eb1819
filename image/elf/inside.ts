/**
 * Paths as a process would see them whose root is a given folder: links are followed inside of it,
 * absolute ones from its top, and `..` never leads out.
 */
import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** As the kernel: more links in one path are taken for a loop. */
const MAX_LINKS = 40

/**
 * Follows every link of a path.
 *
 * @param root  real folder that stands for `/`.
 * @param path  absolute as seen inside; the result is so too, without links.
 * @returns undefined when something on the way is missing or links go round in circles.
 */
export function resolveInside(root: string, path: string): string | undefined {
  const todo = path.split('/').reverse()
  const done: string[] = []
  let links = 0
  while (todo.length > 0) {
    const name = todo.pop()!
    if (name === '' || name === '.') continue
    if (name === '..') {
      done.pop()
      continue
    }
    const real = join(root, ...done, name)
    const stat = lstatSync(real, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    if (!stat.isSymbolicLink()) {
      if (!stat.isDirectory() && todo.some(rest => rest !== '')) return undefined
      done.push(name)
      continue
    }
    if (++links > MAX_LINKS) return undefined
    const target = readlinkSync(real)
    if (target.startsWith('/')) done.length = 0
    todo.push(...target.split('/').reverse())
  }
  return `/${done.join('/')}`
}

/** What lies at a path inside the root, all links followed; undefined when nothing does. */
export function kindInside(root: string, path: string): 'file' | 'dir' | 'other' | undefined {
  const found = resolveInside(root, path)
  if (found === undefined) return undefined
  const stat = lstatSync(join(root, found))
  return stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : 'other'
}
