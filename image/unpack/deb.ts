/**
 * Finds the contents of a Debian package: an `ar` archive (deb(5), ar(5)) of `debian-binary`,
 * `control.tar*` and `data.tar*`. Members have a header of 60 bytes, name in the first 16, size in
 * decimal at 48, and begin at even offsets.
 */
import { readSync } from 'node:fs'
import { UnpackError } from './error.ts'

const MAGIC = '!<arch>\n'
const HEADER = 60
const MAX_MEMBERS = 16

/**
 * Leaves the file's own position at the first byte of `data.tar*`.
 *
 * @param fd  Open for reading, at its beginning.
 * @returns what follows `data.tar` in the member's name, such as `.xz`.
 * @throws {UnpackError} `UNPACK_BAD_ARCHIVE`.
 */
export function seekData(fd: number, name: string): string {
  const bad = (message: string): never => {
    throw new UnpackError('UNPACK_BAD_ARCHIVE', `${name}: ${message}`)
  }
  const take = (length: number) => {
    const bytes = Buffer.alloc(length)
    return readSync(fd, bytes, 0, length, null) === length ? bytes.toString('latin1') : undefined
  }
  if (take(MAGIC.length) !== MAGIC) return bad('found no ar archive, a Debian package expected')
  for (let i = 0; i < MAX_MEMBERS; i++) {
    const head = take(HEADER) ?? bad('it ends without data.tar')
    const size = /^[0-9]{1,10} *$/.test(head.slice(48, 58)) ? Number(head.slice(48, 58)) : -1
    if (size < 0 || head.slice(58) !== '`\n') bad(`member ${i + 1} has no ar header`)
    const member = head.slice(0, 16).replace(/[/ ]+$/, '')
    if (i === 0 && member !== 'debian-binary') bad(`begins with ${member}, debian-binary expected`)
    const data = /^data\.tar(\.[a-z0-9]+)?$/.exec(member)
    if (data) return data[1] ?? ''
    if (size > 1 << 24) bad(`${member} has ${size} bytes`)
    const bytes = take(size + (size % 2)) ?? bad(`it ends in ${member}`)
    if (i === 0 && !bytes.startsWith('2.')) bad(`its format is ${bytes.trim()}, 2.x expected`)
  }
  return bad(`no data.tar among its first ${MAX_MEMBERS} members`)
}
