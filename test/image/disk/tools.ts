/**
 * Programs that judge our bytes (veritysetup, sgdisk, bmaptool, …). They are not needed to build, so
 * a test whose judge is missing is skipped and says so; golden files stand in for it.
 */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { CACHE } from '../../../image/paths.ts'

/** Where Debian keeps administration programs. */
const ADMIN = ['/usr/sbin', '/sbin']

/** The PATH, then the locked tools that a build left in the cache, then {@link ADMIN}. */
export const SEARCH: readonly string[] = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  ...lockedTools(),
  ...ADMIN,
]

function lockedTools(): string[] {
  const folder = join(CACHE, 'tools')
  return existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : []
}

/** Absolute path of a program, or undefined. */
export function find(program: string): string | undefined {
  return SEARCH.map(folder => join(folder, program)).find(path => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** What `skip` of a test takes: false when all programs are there, else the reason. */
export function lacking(...programs: readonly string[]): string | false {
  const missing = programs.filter(program => find(program) === undefined)
  return missing.length === 0
    ? false
    : `${missing.join(', ')} neither on the PATH nor among the locked tools`
}
