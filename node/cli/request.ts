/** `blocktree request`: asking an owner for access, and answering. */
import type { AccessRequest } from '../tree/requests.ts'
import type { Call, Command, ExitCode, Io } from './command.ts'
import { DIR, withNode } from './reach.ts'
import { spanMs } from './span.ts'
import { visible } from './visible.ts'

const id = { name: 'ID', about: 'As `blocktree request list` prints it.' }

export const requestVerb: Command = {
  words: ['request'],
  about: 'Ask the owner of a path for access to it.',
  positionals: [{ name: 'PATH', about: 'As /k51…/docs.', completes: 'path' }],
  options: [
    { name: 'write', short: 'w', about: 'To write too.' },
    { name: 'note', value: 'TEXT', about: 'What the owner should know.' },
    DIR,
  ],
  examples: [
    ['blocktree request /ROOT/in --write', 'asks to write; the owner approves or denies'],
    ['blocktree request /ROOT/in --note "the new printer"', 'asks to read, and says who wants to'],
  ],
  async run(call) {
    const { positionals, values, json, io } = call
    const note = values['note']
    return withNode(call, async ({ client }) => {
      const params = {
        path: positionals[0]!,
        write: values['write'] === true,
        ...(typeof note === 'string' && { note }),
      }
      print(await client.call('access.request', params, io), json, io)
      return 0
    })
  },
}

export const requestListVerb: Command = {
  words: ['request', 'list'],
  about: 'List who asks for access.',
  options: [DIR],
  examples: [
    ['blocktree request list', 'one a line: id, who, what for'],
    ['blocktree request list --json', 'one JSON object a line'],
  ],
  async run(call) {
    return withNode(call, async ({ client }) => {
      const { requests } = await client.call('access.requests', {}, call.io)
      for (const request of requests) print(request, call.json, call.io)
      return 0
    })
  },
}

export const requestApproveVerb: Command = {
  words: ['request', 'approve'],
  about: 'Give the access that a request asks for.',
  positionals: [id],
  options: [
    { name: 'expires', value: 'TIME', about: 'How long it may write: 12h, 30d, 1y; default 30d.' },
    DIR,
  ],
  examples: [
    ['blocktree request approve 00112233445566778899aabbccddeeff', 'for 30 days'],
    ['blocktree request approve 00112233445566778899aabbccddeeff --expires 1y', 'for a year'],
  ],
  run: call => {
    const ms = spanMs('expires', call.values['expires'] ?? '30d')!
    return answer(call, 'access.approve', { expires: Date.now() + ms })
  },
}

export const requestDenyVerb: Command = {
  words: ['request', 'deny'],
  about: 'Refuse a request; it is forgotten.',
  positionals: [id],
  options: [DIR],
  examples: [
    ['blocktree request deny 00112233445566778899aabbccddeeff', 'gives nothing'],
    ['blocktree request deny 00112233445566778899aabbccddeeff --json', 'prints what it was'],
  ],
  run: call => answer(call, 'access.deny', {}),
}

async function answer(
  call: Call,
  method: 'access.approve' | 'access.deny',
  more: { expires?: number },
): Promise<ExitCode> {
  return withNode(call, async ({ client }) => {
    print(
      await client.call(method, { id: call.positionals[0]!, ...more }, call.io),
      call.json,
      call.io,
    )
    return 0
  })
}

function print(request: AccessRequest, json: boolean, io: Io): void {
  if (json) return io.out(JSON.stringify(request))
  const { id, from, path, write, note } = request
  const says = note === undefined ? '' : `  “${visible(note)}”`
  io.out(`${id}  ${from}  ${write ? 'read and write' : 'read'}  ${visible(path)}${says}`)
}
