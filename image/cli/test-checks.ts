/** The checks before the tests: prettier's format and TypeScript's types. */
import { join } from 'node:path'
import { REPO } from '../paths.ts'
import { run, SpawnError } from '../spawn.ts'

export type Check = {
  readonly name: string
  /** What is wrong, in the checker's words, or undefined. */
  run(signal: AbortSignal): Promise<string | undefined>
}

function check(name: string, program: string, args: readonly string[], advice: string): Check {
  return {
    name,
    async run(signal) {
      try {
        await run(process.execPath, [join(REPO, 'node_modules', program), ...args], {
          cwd: REPO,
          signal,
        })
        return undefined
      } catch (error) {
        if (!(error instanceof SpawnError) || error.code !== 'SPAWN_FAILED') throw error
        return `${error.message}\n${advice}`
      }
    },
  }
}

export const formatCheck = check(
  'format',
  'prettier/bin/prettier.cjs',
  ['--check', '--log-level=warn', '.'],
  'npm run format puts it right',
)

export const typeCheck = check('types', 'typescript/bin/tsc', ['--noEmit', '-p', '.'], '')
