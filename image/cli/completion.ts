/** `bt completion`: prints the completion script of a shell, made from the records of the verbs. */
import type { Command } from './command.ts'

export const completion: Command = {
  name: 'completion',
  about: 'Print the completion script of a shell.',
  positionals: [{ name: 'SHELL', about: 'bash or zsh' }],
  examples: [['bt completion bash', 'the script; load it with: source <(bt completion bash)']],

  async run({ io }) {
    io.err('bt: not yet')
    return 1
  },
}
