/**
 * Puts several trees together into one folder. A path that two of them ship with different contents
 * is an error naming both: nothing is ever overwritten silently.
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { walk } from '../engine/tree.ts'
import { sha256File } from '../engine/digest.ts'
import { within } from '../engine/within.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'merge TREE… FOLDER',
  about: 'copies trees into one folder; two different files on one path are an error',
  run(call) {
    const { args, cwd } = call
    const paths = args.map(arg => resolve(cwd, arg))
    const to = paths.pop()
    if (to === undefined || paths.length === 0)
      throw new Error('found too few arguments, expected: merge TREE… FOLDER')
    within(call, join(to, 'x'))
    const owner = new Map<string, string>()
    const folders = new Map<string, string>()
    mkdirSync(to, { recursive: true })
    for (const tree of paths) for (const { path } of walk(tree)) add(tree, path)
    return Promise.resolve()

    function add(tree: string, path: string) {
      const from = join(tree, path)
      const target = join(to!, path)
      const stat = lstatSync(from)
      const there = lstatSync(target, { throwIfNoEntry: false })
      if (stat.isDirectory()) {
        if (there?.isSymbolicLink() && leadsToFolder(target)) return
        if (there !== undefined && !there.isDirectory()) throw clash(tree, path)
        if (there === undefined) mkdirSync(target)
        else if (folders.has(path) && (there.mode & 0o7777) !== (stat.mode & 0o7777))
          throw clash(tree, path)
        folders.set(path, tree)
        chmodSync(target, stat.mode & 0o7777)
      } else if (there !== undefined) {
        if (!same(from, target)) throw clash(tree, path)
      } else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), target)
      else {
        copyFileSync(from, target, constants.COPYFILE_FICLONE)
        chmodSync(target, stat.mode & 0o7777)
      }
      if (!stat.isDirectory()) owner.set(path, tree)
    }

    /** A link such as `lib -> usr/lib`, which stays inside: what comes below goes where it leads. */
    function leadsToFolder(link: string): boolean {
      const real = existsSync(link) ? realpathSync(link) : ''
      return `${real}/`.startsWith(`${realpathSync(to!)}/`) && lstatSync(real).isDirectory()
    }

    function clash(tree: string, path: string): Error {
      const first = owner.get(path) ?? folders.get(path)
      const by = first === undefined ? 'a folder' : basename(first)
      return new Error(
        `${path} is shipped by ${by} and, differently, by ${basename(tree)}: drop one`,
      )
    }
  },
}

function same(a: string, b: string): boolean {
  const [left, right] = [lstatSync(a), lstatSync(b)]
  if (left.isSymbolicLink() || right.isSymbolicLink())
    return left.isSymbolicLink() && right.isSymbolicLink() && readlinkSync(a) === readlinkSync(b)
  if (left.isDirectory() !== right.isDirectory()) return false
  if (((left.mode ^ right.mode) & 0o7777) !== 0) return false
  return left.size === right.size && sha256File(a) === sha256File(b)
}
