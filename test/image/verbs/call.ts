/** Calls a verb as a step does, in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Verb } from '../../../image/verbs/verb.ts'
import { SEARCH } from '../disk/tools.ts'

export type Steps = {
  readonly folder: string
  at(...names: string[]): string
  /** Runs a verb with the line split at spaces; gives what it printed. */
  call(verb: Verb, line: string, env?: Readonly<Record<string, string>>): Promise<string[]>
  end(): void
}

export function steps(): Steps {
  const folder = mkdtempSync(join(tmpdir(), 'verb-'))
  return {
    folder,
    at: (...names) => join(folder, ...names),
    async call(verb, line, env = {}) {
      const printed: string[] = []
      await verb.run({
        args: line.split(' ').filter(word => word !== ''),
        cwd: folder,
        env: { PATH: SEARCH.join(delimiter), SOURCE_DATE_EPOCH: '1700000000', ...env },
        print: text => printed.push(text),
      })
      return printed
    },
    end: () => rmSync(folder, { recursive: true }),
  }
}
