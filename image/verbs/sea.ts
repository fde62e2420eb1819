/**
 * Makes one executable of Node and a bundled program ("single executable application" in Node's
 * manual). Node is stripped before the blob goes in: stripped afterwards, it does nothing at all.
 * No code cache, as that differs from build to build.
 */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from '../spawn.ts'
import type { Verb } from './verb.ts'

/** The package has no types. */
const { inject } = createRequire(import.meta.url)('postject') as {
  inject(file: string, name: string, data: Buffer, how: { sentinelFuse: string }): Promise<void>
}

const RESOURCE = 'NODE_SEA_BLOB'
/** Node finds the blob only when the digit after this text is 1. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

export const verb: Verb = {
  usage:
    'sea BUNDLE NODE OUT [--asset NAME=FILE]… [--assets PREFIX=FOLDER]… [--strip PROGRAM] [--node-option OPTION]…',
  about: 'makes an executable of a bundled program and a Node binary of any architecture',

  async run({ args, cwd, env }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        asset: { type: 'string', multiple: true, default: [] },
        assets: { type: 'string', multiple: true, default: [] },
        strip: { type: 'string', default: 'strip' },
        'node-option': { type: 'string', multiple: true, default: [] },
      },
    })
    const [bundle, node, out, ...extra] = positionals
    if (!bundle || !node || !out || extra.length > 0) throw new Error(`usage: ${this.usage}`)
    const at = (path: string) => resolve(cwd, path)
    checkVersion(readFileSync(at(node)), node)

    const file = at(out)
    mkdirSync(dirname(file), { recursive: true })
    const [config, blob] = [`${file}.sea.json`, `${file}.blob`]
    try {
      copyFileSync(at(node), file)
      chmodSync(file, 0o755)
      await run(values.strip, ['--strip-all', file], { cwd, env })
      writeFileSync(
        config,
        JSON.stringify({
          main: at(bundle),
          output: blob,
          disableExperimentalSEAWarning: true,
          useCodeCache: false,
          execArgv: values['node-option'],
          execArgvExtension: 'none',
          assets: Object.fromEntries([
            ...values.asset.map(text => readPair('asset', text, at)),
            ...values.assets.flatMap(text => readFolder(text, at)),
          ]),
        }),
      )
      await run(process.execPath, ['--experimental-sea-config', config], { cwd, env })
      await inject(file, RESOURCE, readFileSync(blob), { sentinelFuse: FUSE })
    } finally {
      rmSync(config, { force: true })
      rmSync(blob, { force: true })
    }
  },
}

/** The blob's format belongs to one version of Node, and this one makes it. */
function checkVersion(binary: Buffer, name: string): void {
  if (!binary.includes(`/release/${process.version}/`))
    throw new Error(`${name} is not Node ${process.version}, which makes the blob here`)
}

function readPair(option: string, text: string, at: (path: string) => string): [string, string] {
  const split = text.indexOf('=')
  if (split < 1) throw new Error(`--${option} is '${text}', NAME=FILE expected`)
  return [text.slice(0, split), at(text.slice(split + 1))]
}

function readFolder(text: string, at: (path: string) => string): [string, string][] {
  const [prefix, folder] = readPair('assets', text, at)
  return readdirSync(folder)
    .sort()
    .map(name => [`${prefix}/${name}`, join(folder, name)])
}
