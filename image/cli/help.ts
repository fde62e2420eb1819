/** `bt help`: the verbs, or one of them. */
import { colourful, colours } from './colour.ts'
import type { Command } from './command.ts'
import { record, records } from './records.ts'
import { allHelp, markdown, verbHelp } from './usage.ts'

export const help: Command = {
  name: 'help',
  about: 'List the verbs, or explain one.',
  positionals: [{ name: 'VERB', about: 'the verb to explain', optional: true, completes: 'verb' }],
  options: [{ name: 'markdown', type: 'boolean', about: 'all verbs as Markdown: docs/cli.md' }],
  examples: [
    ['bt help', 'the verbs, one a line'],
    ['bt help build', 'arguments, options and examples of bt build'],
  ],

  async run({ positionals: [verb], values, json, io }) {
    const c = colours(colourful(process.stdout.isTTY === true))
    const all = verb === undefined ? await records() : [await record(verb)]
    if (json) io.out(JSON.stringify(verb === undefined ? all : all[0]))
    else if (values['markdown'] === true) io.out(markdown(all))
    else io.out(verb === undefined ? allHelp(all, c) : verbHelp(all[0]!, c))
    return 0
  },
}
