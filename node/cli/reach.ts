/**
 * How a verb reaches the node: by the socket of the daemon that has the directory, or, when none runs,
 * by opening the directory itself. Either way the verb speaks the same RPC.
 */
import { homedir } from 'node:os'
import type { Call, ExitCode, Option } from './command.ts'
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
 * exit code, 0 when nothing.
 *
 * @throws {RpcError}, {DirError}, {StoreError}, {CredentialError} whatever keeps it from the node.
 */
export async function withNode(
  call: Pick<Call, 'values' | 'io'>,
  work: (reached: Reached) => Promise<number | void>,
): Promise<ExitCode> {
  const { path } = await placeFor(call)
  const { client, close } = await reach(path)
  try {
    return ((await work({ client, path })) ?? 0) as ExitCode
  } finally {
    client.close()
    await close()
  }
}

async function reach(path: string): Promise<{ client: Client; close: () => Promise<void> }> {
  const { inside } = await import('../dir/place.ts')
  const { connect } = await import('../rpc/socket.ts')
  const socket = inside(path).socket
  const remote = async () => ({ client: await connect(socket), close: async () => {} })
  try {
    return await remote()
  } catch (error) {
    if (codeOf(error) !== 'RPC_SOCKET') throw error
  }
  try {
    const { openHere } = await import('./here.ts')
    return await openHere(path)
  } catch (error) {
    if (codeOf(error) !== 'STORE_HELD') throw error
    // A daemon that has only just started has the directory, and no socket yet.
    return remote().catch(() => {
      throw error
    })
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code
}
