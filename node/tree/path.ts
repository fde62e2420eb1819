/**
 * Paths: `/ROOT/docs/a.txt`. The first component is the tree: `ROOT` (or `root`) for the node's own,
 * or its root principal, `k51…`. The others are names: 1 to 255 bytes of UTF-8, as they were given (no
 * normalization), without `/` and zero bytes, neither `.` nor `..`.
 *
 * Behind the tree, `=` and 32 hex digits stand for the block of that id, wherever it is: whom a folder
 * was shared with cannot read the names above it. No name at the top of a tree looks like that.
 */
import { CryptoError } from '../crypto/error.ts'
import { parsePrincipal, type Principal } from '../crypto/principal.ts'
import { TreeError } from './error.ts'

export const NAME_BYTES_MAX = 255
/** As deep as authority is looked for. */
export const DEPTH_MAX = 64
/** Longer texts are no paths: 64 names of 255 bytes, and the tree. */
export const PATH_LENGTH_MAX = DEPTH_MAX * (NAME_BYTES_MAX + 1) + 64

export type TreePath = {
  readonly tree: Principal
  /** 32 hex digits when the path begins at a block instead of the root. */
  readonly start?: string
  readonly names: readonly string[]
}

/**
 * @param own  what `ROOT` stands for.
 * @throws {TreeError} `TREE_PATH`, `TREE_NAME`.
 */
export function parsePath(text: string, own: Principal): TreePath {
  const wrong = (why: string) =>
    new TreeError('TREE_PATH', `${quoted(text)} is no path such as /ROOT/docs/a.txt: ${why}`)
  if (text.length > PATH_LENGTH_MAX) throw wrong('it is too long')
  if (!text.startsWith('/')) throw wrong('it does not begin with /')
  const [root = '', ...names] = text.slice(1).split('/')
  if (names.at(-1) === '') names.pop()
  if (names.length >= DEPTH_MAX) throw wrong(`it is deeper than ${DEPTH_MAX}`)
  const tree = treeOf(root, own, wrong)
  const start = startOf(names[0])
  if (start !== undefined) names.shift()
  for (const name of names) expectName(name)
  return { tree, ...(start !== undefined && { start }), names }
}

/** The path's text, with the principal written out. */
export function formatPath({ tree, start, names }: TreePath): string {
  return ['', tree, ...(start === undefined ? [] : [`=${start}`]), ...names].join('/')
}

/** Where the last name of a path is, and that name. @throws {TreeError} `TREE_PATH` for a tree's root. */
export function parentOf(path: TreePath): { readonly parent: TreePath; readonly name: string } {
  const name = path.names.at(-1)
  if (name === undefined)
    throw new TreeError('TREE_PATH', `${formatPath(path)} has no name that could change`)
  return { parent: { ...path, names: path.names.slice(0, -1) }, name }
}

/** @throws {TreeError} `TREE_NAME` for what no entry of a directory may be called. */
export function expectName(name: string): void {
  const wrong = (why: string) => new TreeError('TREE_NAME', `${quoted(name)} is no name: ${why}`)
  if (name === '') throw wrong('it is empty')
  if (name === '.' || name === '..') throw wrong('paths have no . and ..')
  if (name.includes('/') || name.includes('\0')) throw wrong('it holds / or a zero byte')
  if (!name.isWellFormed()) throw wrong('it is no Unicode text')
  if (name.startsWith('\ufeff')) throw wrong('it begins with a byte order mark')
  const bytes = name.length > NAME_BYTES_MAX ? name.length : Buffer.byteLength(name)
  if (bytes > NAME_BYTES_MAX) throw wrong(`it is ${bytes} bytes, at most ${NAME_BYTES_MAX}`)
}

/** Bytes of a symlink's target. */
const TARGET_BYTES_MAX = 4095

/** @throws {TreeError} `TREE_PATH` for what no symlink leads to. */
export function expectTarget(target: string): void {
  const isText = target.isWellFormed() && !target.includes('\0') && !target.startsWith('\ufeff')
  if (isText && target !== '' && Buffer.byteLength(target) <= TARGET_BYTES_MAX) return
  throw new TreeError(
    'TREE_PATH',
    `${quoted(target)} is no target of a symlink: 1 to ${TARGET_BYTES_MAX} bytes of text`,
  )
}

/** The block's id in `=` and 32 hex digits; undefined for names. */
export function startOf(name: string | undefined): string | undefined {
  return name === undefined ? undefined : /^=([0-9a-f]{32})$/.exec(name)?.[1]
}

function treeOf(root: string, own: Principal, wrong: (why: string) => TreeError): Principal {
  if (root === 'ROOT' || root === 'root') return own
  try {
    return parsePrincipal(root)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw wrong('its first part is neither ROOT nor a principal')
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
