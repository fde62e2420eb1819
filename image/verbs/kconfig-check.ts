/**
 * Compares a kernel configuration with the fragment it was made from. `make allnoconfig` drops an
 * option silently when something it depends on is missing; here that is an error.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Verb } from './verb.ts'

export const verb: Verb = {
  usage: 'kconfig-check FRAGMENT CONFIG',
  about: 'refuses a kernel configuration that lost an option of its fragment',
  run({ args, cwd, print }) {
    const [fragment, config, ...extra] = args
    if (fragment === undefined || config === undefined || extra.length > 0)
      throw new Error(`found ${args.length} arguments, expected: kconfig-check FRAGMENT CONFIG`)
    const wanted = options(readFileSync(resolve(cwd, fragment), 'utf8'))
    const found = options(readFileSync(resolve(cwd, config), 'utf8'))
    const lost = [...wanted].filter(([name, value]) => (found.get(name) ?? 'n') !== value)
    if (lost.length > 0)
      throw new Error(
        `${lost.length} options of ${fragment} did not make it into the configuration, ` +
          `for want of what they depend on: ${lost.map(([name, value]) => `${name}=${value} (is ${found.get(name) ?? 'n'})`).join(', ')}`,
      )
    print(`${wanted.size} options of the fragment hold; ${found.size} are set in all`)
    return Promise.resolve()
  },
}

/** `CONFIG_X=value` and `# CONFIG_X is not set`, the latter as `n`. */
function options(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const set = /^(CONFIG_\w+)=(.*)$/.exec(line)
    const unset = /^# (CONFIG_\w+) is not set$/.exec(line)
    if (set) found.set(set[1]!, set[2]!)
    else if (unset) found.set(unset[1]!, 'n')
  }
  return found
}
