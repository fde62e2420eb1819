/** `blocktree status`: what the status page says, on a terminal. Works without a running node. */
import type { Status } from '../status/status.ts'
import type { Command } from './command.ts'
import { duration } from '../status/duration.ts'

const MARKS = { good: 'ok     ', notice: 'note   ', problem: 'PROBLEM' } as const

export function statusVerb(collect: () => Status): Command {
  return {
    words: ['status'],
    about: 'Say how this device is.',
    examples: [
      ['blocktree status', 'says in words what is good and what is not'],
      ['blocktree status --json', 'prints the same as GET /api/status'],
    ],
    async run({ json, io }) {
      const status = collect()
      if (json) io.out(JSON.stringify(status, null, 2))
      else for (const line of describe(status)) io.out(line)
      return 0
    },
  }
}

function describe(status: Status): string[] {
  const { name, version, uptime, slot, network } = status
  const since = uptime === undefined ? '' : `, up ${duration(uptime)}`
  return [
    `${name}: blocktree ${version}, slot ${slot}${since}`,
    ...status.findings.map(each => `  ${MARKS[each.level]}  ${each.title}. ${each.detail}`),
    ...network.map(each => {
      const addresses = each.addresses.map(({ address, prefix }) => `${address}/${prefix}`)
      return `  ${each.name}  ${each.link}  ${addresses.join(' ') || 'no address'}`
    }),
  ]
}
