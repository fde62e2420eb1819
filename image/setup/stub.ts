/** The stub that starts the bundled CLI: a freshness check of a few hundred microseconds. */
import { lstatSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Text of `bt.cjs`. When a file of `files` no longer is what it was (by change time, size and inode
 * number), it starts `image/bt` again in its own place, which bundles anew.
 */
export function stub(repo: string, files: readonly string[], folder: string): string {
  const state = files.map(file => {
    const { ctimeMs, size, ino } = lstatSync(join(repo, file))
    return [file, ctimeMs, size, ino]
  })
  return `'use strict'
const { lstatSync } = require('node:fs')
const repo = process.env.BT_REPO + '/'
const same = ([file, ctime, size, ino]) => {
  const stat = lstatSync(repo + file, { throwIfNoEntry: false })
  return stat !== undefined && stat.ctimeMs === ctime && stat.size === size && stat.ino === ino
}
if (process.env.BT_FRESH !== '1' && !${JSON.stringify(state)}.every(same)) {
  const bt = repo + 'image/bt'
  process.execve('/bin/sh', ['/bin/sh', bt, ...process.argv.slice(2)], { ...process.env, BT_STALE: '1' })
}
require('node:module').enableCompileCache(__dirname + '/${folder}/cache')
delete process.env.BT_FRESH
if (process.env.BT_DEBUG === '1') process.setSourceMapsEnabled(true)
require('./${folder}/main.cjs')
`
}
