/** Makes one script of a TypeScript program and everything it imports. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, type BuildOptions } from 'esbuild'
import type { Verb } from './verb.ts'

/** Names stay as they were written, so that a stack trace from a device can be read. */
const READABLE: BuildOptions = {
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  legalComments: 'eof',
  charset: 'utf8',
}

const FOR: Readonly<Record<string, BuildOptions>> = {
  node: {
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  },
  browser: { platform: 'browser', format: 'esm', target: 'es2022' },
}

export const verb: Verb = {
  usage: 'bundle ENTRY OUT [--define NAME=TEXT]… [--modules FOLDER] [--for node|browser]',
  about: 'makes one script of ENTRY and its imports; packages come from FOLDER/node_modules',

  async run({ args, cwd, env, print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        define: { type: 'string', multiple: true, default: [] },
        modules: { type: 'string' },
        for: { type: 'string', default: 'node' },
      },
    })
    const [entry, out, ...extra] = positionals
    const target = FOR[values.for]
    if (!entry || !out || extra.length > 0) throw new Error(`usage: ${this.usage}`)
    if (!target) throw new Error(`--for is '${values.for}', node or browser expected`)
    const sources = resolve(cwd, env['src'] ?? '.')
    const modules = values.modules === undefined ? undefined : resolve(cwd, values.modules)
    const result = await build({
      ...READABLE,
      ...target,
      // Paths inside the bundle's error messages and metafile must not depend on the folder.
      absWorkingDir: sources,
      entryPoints: [resolve(cwd, entry)],
      bundle: true,
      write: false,
      metafile: true,
      tsconfigRaw: {},
      logLevel: 'silent',
      define: { ...target.define, ...Object.fromEntries(values.define.map(readDefine)) },
      nodePaths: modules === undefined ? [] : [join(modules, 'node_modules')],
    })
    result.warnings.forEach(warning => print(warning.text))
    for (const input of Object.keys(result.metafile.inputs)) {
      const file = resolve(sources, input)
      if (!isBelow(sources, file) && !(modules && isBelow(modules, file)))
        throw new Error(`${entry} imports ${file}, which is neither a source nor a given module`)
    }
    const file = resolve(cwd, out)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, result.outputFiles[0]!.contents, { mode: 0o644 })
  },
}

/** `NAME=TEXT`: the program sees NAME as the string TEXT. */
function readDefine(text: string): [string, string] {
  const match = /^([A-Za-z_$][\w$]*)=(.*)$/s.exec(text)
  if (!match) throw new Error(`--define is '${text}', NAME=TEXT expected`)
  return [match[1]!, JSON.stringify(match[2]!)]
}

function isBelow(folder: string, file: string): boolean {
  const path = relative(folder, file)
  return path !== '' && !path.startsWith('..') && !path.startsWith('/')
}
