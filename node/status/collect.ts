/** Gathers all facts into one {@link Status}. Where the machine is and what time it is are given. */
import { findings, worst } from './findings.ts'
import { readMemory } from './memory.ts'
import { readName } from './name.ts'
import { readNetwork, type AddressTable } from './network.ts'
import { readSlot } from './slot.ts'
import type { Status } from './status.ts'
import { readTpm } from './tpm.ts'
import { readUptime } from './uptime.ts'
import { readVerity } from './verity.ts'

export type Machine = {
  /** `/`, or a folder that stands for it in a test. */
  readonly root: string
  addresses(): AddressTable
  now(): Date
}

/** Reads everything once, about a millisecond's work; never throws on a strange machine. */
export function collectStatus(machine: Machine, version: string): Status {
  const { root } = machine
  const uptime = readUptime(root)
  const memory = readMemory(root)
  const facts = {
    verity: readVerity(root),
    tpm: readTpm(root),
    ...(memory ? { memory } : {}),
    network: readNetwork(root, machine.addresses()),
  }
  const said = findings(facts)
  return {
    name: readName(root),
    version,
    time: machine.now().toISOString(),
    ...(uptime === undefined ? {} : { uptime }),
    slot: readSlot(root),
    ...facts,
    level: worst(said),
    findings: said,
  }
}
