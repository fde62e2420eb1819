/** `bt doctor`: looks at everything a build needs and says what to do about what is missing. */
import { colourful, colours } from './colour.ts'
import type { Command } from './command.ts'
import { CHECKS, type Finding } from './doctor-checks.ts'

export const doctor: Command = {
  name: 'doctor',
  about: 'Check this machine and explain what is missing.',
  examples: [
    ['bt doctor', 'each check with its result and, when it failed, what to do'],
    ['bt doctor --json', 'the same for programs'],
  ],

  async run({ json, io }) {
    const findings = await Promise.all(
      Object.entries(CHECKS).map(async ([name, check]) => ({ name, ...(await attempt(check)) })),
    )
    const broken = findings.filter(({ state }) => state === 'missing')
    if (json) io.out(JSON.stringify(findings))
    else {
      const c = colours(colourful(process.stdout.isTTY === true))
      const mark = { ok: c.good('ok     '), note: c.warn('note   '), missing: c.bad('missing') }
      for (const { name, state, found, advice } of findings) {
        io.out(`${mark[state]}  ${name.padEnd(11)}  ${found}`)
        if (advice !== undefined) io.out(`${' '.repeat(22)}${advice}`)
      }
      const count = `${broken.length} thing${broken.length === 1 ? '' : 's'} missing`
      io.out(broken.length === 0 ? 'This machine can build.' : `${count}: see above what to do.`)
    }
    return broken.length === 0 ? 0 : 1
  },
}

async function attempt(check: () => Promise<Finding> | Finding): Promise<Finding> {
  try {
    return await check()
  } catch (error) {
    return { state: 'missing', found: (error as Error).message }
  }
}
