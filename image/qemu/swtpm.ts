/**
 * A software TPM 2.0 for one machine. swtpm makes the chip's seeds at its first start in an empty
 * state folder and keeps them, its counters and its sealed objects there. It talks to QEMU over a
 * pair of connected sockets that both inherit, so there is no socket file to guess, leak or clash.
 */
import type { Duplex } from 'node:stream'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startTied, type Tied } from './child.ts'
import type { Toolset } from '../toolset.ts'

export type Tpm = Tied & {
  /** Our end of the control channel: QEMU inherits it, then it must be destroyed here. */
  readonly control: Duplex
}

/**
 * Starts a TPM for QEMU, which initialises it over the control channel. The state folder is made
 * when missing; two TPMs on one folder: the second ends at once, its `said()` names the lock.
 */
export function startTpm(tools: Toolset, state: string): Tpm {
  const tied = swtpm(tools, state, ['--ctrl', 'type=unixio,clientfd=3', '--terminate'], ['pipe'])
  return { ...tied, control: tied.child.stdio[3] as Duplex }
}

/**
 * Starts a TPM whose command channel is ours: TPM 2.0 commands are written to `commands`, responses
 * are read from it. For tests of what speaks to a TPM; closing `commands` ends it.
 */
export function startBareTpm(tools: Toolset, state: string): Tied & { readonly commands: Duplex } {
  const bare = ['--fd', '3', '--terminate', '--flags', 'not-need-init']
  const tied = swtpm(tools, state, bare, ['pipe'])
  return { ...tied, commands: tied.child.stdio[3] as Duplex }
}

function swtpm(tools: Toolset, state: string, channel: string[], extra: 'pipe'[]): Tied {
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const args = ['socket', '--tpm2', '--tpmstate', `dir=${state},mode=0600`, ...channel]
  return startTied(join(tools.bin, 'swtpm'), args, extra)
}
