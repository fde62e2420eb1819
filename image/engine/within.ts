/**
 * Where a verb may write: below the folder of its action. Trees carry links such as `var/run -> /run`;
 * a step that writes through one would change the builder's own system.
 */
import { lstatSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { VerbCall } from '../verbs/verb.ts'

/**
 * Absolute path of what a verb makes, replaces or removes; the last name itself may be a link.
 *
 * @throws {Error} when a folder on the way is a link that leads out of the action's folder.
 */
export function within({ cwd, env }: Pick<VerbCall, 'cwd' | 'env'>, path: string): string {
  const full = resolve(cwd, path)
  const top = realpathSync(env['out'] === undefined ? cwd : dirname(env['out']))
  let above = dirname(full)
  while (lstatSync(above, { throwIfNoEntry: false }) === undefined) above = dirname(above)
  const real = realOf(above)
  if (real === undefined || !`${real}/`.startsWith(`${top}/`))
    throw new Error(
      `${path} would be ${real ?? 'nowhere'}: a link on the way leads out of the folder of these steps`,
    )
  return full
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
