/** Joins certificate files into one PEM bundle, in the order of their names. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { X509Certificate } from 'node:crypto'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'certificates FOLDER BUNDLE',
  about: 'joins the .crt files of a folder into one PEM bundle',
  run({ args, cwd, print }) {
    const [folder, bundle, ...extra] = args
    if (folder === undefined || bundle === undefined || extra.length > 0)
      throw new Error(`found ${args.length} arguments, expected: certificates FOLDER BUNDLE`)
    const files = readdirSync(resolve(cwd, folder))
      .filter(name => name.endsWith('.crt'))
      .sort()
    const pems = files.map(name => pemOf(join(resolve(cwd, folder), name)))
    if (pems.length === 0) throw new Error(`${folder} holds no .crt files`)
    mkdirSync(dirname(resolve(cwd, bundle)), { recursive: true })
    writeFileSync(resolve(cwd, bundle), pems.join(''))
    print(`${pems.length} certificates`)
    return Promise.resolve()
  },
}

function pemOf(file: string): string {
  try {
    return new X509Certificate(readFileSync(file)).toString()
  } catch (error) {
    throw new Error(`${file} is no certificate: ${(error as Error).message}`)
  }
}
