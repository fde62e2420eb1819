/** `bt doctor`: looks at everything a build needs and says what to do about what is missing. */
import { missing } from '../setup/host.mjs'
import type { Command } from './command.ts'

export const doctor: Command = {
  name: 'doctor',
  about: 'Check this machine and explain what is missing.',
  examples: [['bt doctor', 'each check with its result and, when it failed, what to do']],

  async run({ json, io }) {
    const lacking = missing()
    if (json) io.out(JSON.stringify({ missing: lacking }))
    else
      lacking.forEach(need =>
        io.out(`${need.program} is missing (${need.why}): apt-get install ${need.package}`),
      )
    return lacking.length === 0 ? 0 : 1
  },
}
