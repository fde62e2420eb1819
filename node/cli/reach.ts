/**
 * How a verb reaches the node: by the socket of the daemon that has the directory, or of another verb
 * that has; or, when there is none, by opening the directory itself. It speaks the same RPC each way.
 */
import { homedir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call, ExitCode, Io, Option } from './command.ts'
import type { DirectoryOptions } from '../dir/open.ts'
import type { Client } from '../rpc/client.ts'

/** Of every verb that works on a node directory. */
export const DIR: Option = {
  name: 'dir',
  value: 'DIR',
  about: 'The node directory; default $BLOCKTREE_DIR, else ~/.blocktree.',
  completes: 'file',
}

export type Reached = {
  readonly client: Client
  /** The node directory. */
  readonly path: string
}

/** Where the call's node directory is. */
export async function placeFor({ values, io }: Pick<Call, 'values' | 'io'>) {
  const { placeOf } = await import('../dir/place.ts')
  const option = values['dir']
  return placeOf(typeof option === 'string' ? option : undefined, {
    env: io.env,
    home: io.env['HOME'] || homedir(),
  })
}

/**
 * Runs `work` with a client of the node, and lets go of everything afterwards. What it returns is the
 * exit code, 0 when nothing. `options` are for when no other process has the directory.
 *
 * @throws {RpcError}, {DirError}, {StoreError}, {CredentialError} whatever keeps it from the node.
 */
export async function withNode(
  call: Pick<Call, 'values' | 'io'>,
  work: (reached: Reached) => Promise<number | void>,
  options: DirectoryOptions = {},
): Promise<ExitCode> {
  const { path } = await placeFor(call)
  const { client, close } = await reach(path, call.io, options)
  try {
    return ((await work({ client, path })) ?? 0) as ExitCode
  } finally {
    client.close()
    await close()
  }
}

/** How long a directory may be held by who does not answer yet: it is about to, or to let go. */
const HELD_MS = 5_000
const PAUSE_MS = 50

async function reach(
  path: string,
  io: Io,
  options: DirectoryOptions,
): Promise<{ client: Client; close: () => Promise<void> }> {
  const { inside } = await import('../dir/place.ts')
  const { connect } = await import('../rpc/socket.ts')
  const { openHere } = await import('./here.ts')
  const end = performance.now() + HELD_MS
  for (;;) {
    try {
      const client = await connect(inside(path).socket)
      // Answered, so it does not end before this connection does.
      await client.call('node.record', {}, io)
      return { client, close: async () => {} }
    } catch (error) {
      if (!['RPC_SOCKET', 'RPC_CLOSED'].includes(codeOf(error))) throw error
    }
    try {
      return await openHere(path, io, options)
    } catch (error) {
      if (codeOf(error) !== 'STORE_HELD' || performance.now() > end) throw error
    }
    await sleep(PAUSE_MS, undefined, { signal: io.signal })
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code)
}
