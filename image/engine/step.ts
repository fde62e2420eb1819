/** Runs one step: a line for `@yarnpkg/shell`, with the verbs as commands of their own. */
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { npath } from '@yarnpkg/fslib'
import { execute, type ShellBuiltin } from '@yarnpkg/shell'
import type { Verb } from '../verbs/verb.ts'

/** Where and with what steps run. */
export type StepPlace = {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Folder of the verbs and the names of those that may be called. */
  readonly verbFolder: string
  readonly verbs: readonly string[]
}

/** Characters of what a failed step printed that its message ends with. */
const KEPT = 4000

/**
 * Gives a function that runs steps in a place. What they print goes to standard output.
 *
 * @returns undefined when the step went well, else what it said.
 */
export async function stepper(
  place: StepPlace,
): Promise<(step: string) => Promise<string | undefined>> {
  const builtins: Record<string, ShellBuiltin> = {}
  for (const name of place.verbs) builtins[name] = await builtin(name, place)
  return async step => {
    let said = ''
    // The shell pipes what programs print only into Transforms; other streams it wants with a file.
    const output = new Transform({
      transform(chunk: Buffer, _, done) {
        said = (said + chunk.toString()).slice(-KEPT)
        process.stdout.write(chunk, () => done())
      },
    }).resume()
    try {
      const code = await execute(step, [], {
        cwd: npath.toPortablePath(place.cwd),
        env: { ...place.env },
        builtins,
        stdin: null,
        stdout: output,
        stderr: output,
      })
      await finished(output.end())
      return code === 0 ? undefined : said.trim() || `ended with ${code} and said nothing`
    } catch (error) {
      return (error as Error).message
    }
  }
}

async function builtin(name: string, place: StepPlace): Promise<ShellBuiltin> {
  const url = pathToFileURL(join(place.verbFolder, `${name}.ts`)).href
  const { verb } = (await import(url)) as { verb: Verb }
  return async (args, _, state) => {
    const print = (line: string) => void state.stdout.write(`${line}\n`)
    const env = { ...place.env, ...(state.environment as Record<string, string>) }
    try {
      await verb.run({ args, cwd: npath.fromPortablePath(state.cwd), env, print })
      return 0
    } catch (error) {
      state.stderr.write(`${name}: ${(error as Error).message}\n`)
      return 1
    }
  }
}
