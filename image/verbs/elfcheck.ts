import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { checkTree, type Fault } from '../elf/check.ts'
import type { Verb } from './verb.ts'

const SHOWN = 40

const WORDS: Readonly<Record<Fault['kind'], string>> = {
  library: 'needs the library',
  loader: 'needs the loader',
  interpreter: 'is a script for',
  machine: 'is for another machine:',
  dlopen: 'opens, and calls required,',
  also: 'was asked for:',
}

/** Refuses a tree in which something could not start; see `image/elf/check.ts`. */
export const verb: Verb = {
  usage: 'elfcheck ROOT [--also PATH_OR_SONAME]… [--allow-missing-interpreter NAME]…',
  about: 'checks that every program of a tree finds its libraries, loader and interpreter in it',

  async run({ args, cwd, print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        also: { type: 'string', multiple: true },
        'allow-missing-interpreter': { type: 'string', multiple: true },
      },
    })
    const [folder, ...extra] = positionals
    if (!folder || extra.length > 0) throw new Error(`usage: ${verb.usage}`)
    const root = resolve(cwd, folder)
    if (!existsSync(root)) throw new Error(`there is no folder ${folder}`)
    const lists = (given: readonly string[] = []) => given.flatMap(list => list.split(','))
    const { faults, elves, scripts, optional } = checkTree(root, {
      also: lists(values.also),
      allowInterpreters: lists(values['allow-missing-interpreter']),
    })
    if (elves === 0) throw new Error(`${folder} holds no program: it may be the wrong folder`)
    print(`${elves} programs and libraries, ${scripts} scripts, ${optional} optional features off`)
    if (faults.length === 0) return
    const lines = faults.map(f => `  ${f.by || folder} ${WORDS[f.kind]} ${f.missing}`)
    const more = lines.length > SHOWN ? `\n  and ${lines.length - SHOWN} more` : ''
    throw new Error(
      `${faults.length === 1 ? 'something' : `${faults.length} things`} would not start; ship what is ` +
        'missing or drop who needs it:\n' +
        lines.slice(0, SHOWN).join('\n') +
        more,
    )
  },
}
