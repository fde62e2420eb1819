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
  symlinkSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { walk } from '../engine/tree.ts'
import { sha256File } from '../engine/digest.ts'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'merge TREE… FOLDER',
  about: 'copies trees into one folder; two different files on one path are an error',
  run({ args, cwd }) {
    const paths = args.map(arg => resolve(cwd, arg))
    const to = paths.pop()
    if (to === undefined || paths.length === 0)
      throw new Error('found too few arguments, expected: merge TREE… FOLDER')
    const owner = new Map<string, string>()
    mkdirSync(to, { recursive: true })
    for (const tree of paths) for (const { path } of walk(tree)) add(tree, path)
    return Promise.resolve()

    function add(tree: string, path: string) {
      const from = join(tree, path)
      const target = join(to!, path)
      const stat = lstatSync(from)
      const there = lstatSync(target, { throwIfNoEntry: false })
      if (stat.isDirectory()) {
        if (there?.isSymbolicLink() && existsSync(target)) return
        if (there !== undefined && !there.isDirectory()) throw clash(tree, path)
        if (there === undefined) mkdirSync(target)
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

    function clash(tree: string, path: string): Error {
      const first = owner.get(path)
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
  return left.size === right.size && sha256File(a) === sha256File(b)
}
