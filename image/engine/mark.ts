/** What tells whether a path was touched, without reading it. */
import { statSync } from 'node:fs'

/** What the file system says of a path; `none` when there is nothing. */
export function mark(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stat === undefined) return 'none'
  return `${stat.size} ${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs}`
}
