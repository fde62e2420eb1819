/** `bt completion`: prints the completion script of a shell, made from the records of the verbs. */
import { REPO } from '../paths.ts'
import type { Command } from './command.ts'
import { bashScript } from './completion-bash.ts'
import { zshScript } from './completion-zsh.ts'
import { UsageError } from './parse.ts'
import { records } from './records.ts'

const SHELLS = { bash: bashScript, zsh: zshScript }

export const completion: Command = {
  name: 'completion',
  about: 'Print the completion script of a shell.',
  positionals: [{ name: 'SHELL', about: `one of ${Object.keys(SHELLS).join(', ')}` }],
  examples: [
    ['bt completion bash', 'for ~/.bashrc: source <(/path/to/image/bt completion bash)'],
    ['bt completion zsh', 'save it as _bt in a folder of $fpath'],
  ],

  async run({ positionals: [shell = ''], json, io }) {
    const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell as keyof typeof SHELLS] : undefined
    if (script === undefined)
      throw new UsageError(
        'USAGE_VALUE',
        `completions exist for ${Object.keys(SHELLS).join(' and ')}, not for ${JSON.stringify(shell)}`,
      )
    const text = script(await records(), REPO)
    io.out(json ? JSON.stringify({ shell, script: text }) : text)
    return 0
  },
}
