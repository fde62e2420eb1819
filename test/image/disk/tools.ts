/**
 * Programs that judge our bytes (veritysetup, sgdisk, bmaptool, …). They are not needed to build, so
 * a test whose judge is missing is skipped and says so; golden files stand in for it.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Folders searched after the PATH: where Debian keeps administration programs. */
const ADMIN = ['/usr/sbin', '/sbin']

/** Absolute path of a program, or undefined. */
export function find(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...ADMIN]
  return folders
    .map(folder => join(folder, program))
    .find(path => {
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
  return missing.length === 0 ? false : `${missing.join(', ')} not on the PATH`
}
