/** Whether node_modules holds what package-lock.json names. Runs on the host's Node, 20 or newer. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What node_modules of a checkout lacks, in words, or undefined when it is complete. */
export function incomplete(repo, cpu = process.arch) {
  const locked = JSON.parse(readFileSync(join(repo, 'package-lock.json'), 'utf8')).packages
  let present
  try {
    // npm writes this file last.
    present = JSON.parse(
      readFileSync(join(repo, 'node_modules/.package-lock.json'), 'utf8'),
    ).packages
  } catch {
    return 'there is no complete node_modules yet'
  }
  for (const [path, entry] of Object.entries(locked)) {
    if (path === '') continue
    const found = present[path]
    const fits =
      entry.os?.includes('linux') && entry.cpu?.includes(cpu) && !entry.libc?.includes('musl')
    if (found === undefined && (fits || !entry.optional)) return `${path} is missing`
    if (found !== undefined && found.integrity !== entry.integrity) return `${path} has changed`
    if (found !== undefined && !existsSync(join(repo, path))) return `${path} is missing`
  }
  return undefined
}
