/**
 * Makes one executable of Node and a bundled program ("single executable applications" in Node's
 * manual). Symbols are dropped on the way. No code cache, as that differs from build to build.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writevSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { embed } from '../elf/embed.ts'
import { run } from '../spawn.ts'
import type { Verb } from './verb.ts'

const NOTE = 'NODE_SEA_BLOB'
/** Node looks for the note only when the digit after this text is 1. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:'

export const verb: Verb = {
  usage:
    'sea BUNDLE NODE OUT [--asset NAME=FILE]… [--assets PREFIX=FOLDER]… [--node-option=OPTION]…',
  about: 'makes an executable of a bundled program and a Node binary of any architecture',

  async run({ args, cwd, env }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        asset: { type: 'string', multiple: true, default: [] },
        assets: { type: 'string', multiple: true, default: [] },
        'node-option': { type: 'string', multiple: true, default: [] },
      },
    })
    const [bundle, node, out, ...extra] = positionals
    if (!bundle || !node || !out || extra.length > 0) throw new Error(`usage: ${this.usage}`)
    const at = (path: string) => resolve(cwd, path)
    const program = readFileSync(at(node))
    lightFuse(program, node)

    const file = at(out)
    mkdirSync(dirname(file), { recursive: true })
    const [config, blob] = [`${file}.sea.json`, `${file}.blob`]
    try {
      const assets = [
        ...values.asset.map(text => readPair('asset', text, at)),
        ...values.assets.flatMap(text => readFolder(text, at)),
      ]
      const settings = {
        // The blob keeps this path, so it must not say where it was built.
        main: basename(bundle),
        output: blob,
        disableExperimentalSEAWarning: true,
        useCodeCache: false,
        execArgv: values['node-option'],
        execArgvExtension: 'none',
        assets: Object.fromEntries(assets),
      }
      writeFileSync(config, JSON.stringify(settings))
      const folder = dirname(at(bundle))
      await run(process.execPath, ['--experimental-sea-config', config], { cwd: folder, env })
      write(file, embed(program, NOTE, readFileSync(blob)))
    } finally {
      rmSync(config, { force: true })
      rmSync(blob, { force: true })
    }
  },
}

/** The blob's format belongs to one version of Node, and the running one makes it. */
function lightFuse(program: Buffer, name: string): void {
  if (!program.includes(`/release/${process.version}/`))
    throw new Error(`${name} is not Node ${process.version}, which makes the blob here`)
  const at = program.indexOf(`${FUSE}0`)
  if (at < 0 || program.includes(`${FUSE}0`, at + 1))
    throw new Error(`${name} has no single fuse ${FUSE}0; is it an executable made already?`)
  program.write('1', at + FUSE.length, 'ascii')
}

function write(file: string, parts: readonly Uint8Array[]): void {
  rmSync(file, { force: true })
  const fd = openSync(file, 'wx', 0o755)
  try {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const written = writevSync(fd, parts)
    if (written !== length) throw new Error(`wrote ${written} of ${length} bytes of ${file}`)
  } finally {
    closeSync(fd)
  }
}

function readPair(option: string, text: string, at: (path: string) => string): [string, string] {
  const split = text.indexOf('=')
  if (split < 1) throw new Error(`--${option} is '${text}', NAME=FILE expected`)
  return [text.slice(0, split), at(text.slice(split + 1))]
}

function readFolder(text: string, at: (path: string) => string): [string, string][] {
  const [prefix, folder] = readPair('assets', text, at)
  const names = readdirSync(folder).sort()
  return names.map(name => [`${prefix}/${name}`, join(folder, name)])
}
