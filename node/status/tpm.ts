/** Whether there is a security chip, from `/sys/class/tpm` (Documentation/ABI/stable/sysfs-class-tpm). */
import { listFacts, readFact } from './read.ts'
import type { Tpm } from './status.ts'

export function readTpm(root: string): Tpm {
  const [chip] = listFacts(root, 'sys/class/tpm', /^tpm\d{1,3}$/, 1)
  if (chip === undefined) return { present: false }
  const major = readFact(root, `sys/class/tpm/${chip}/tpm_version_major`, 16)?.trim()
  return { present: true, version: major === '2' ? '2.0' : major === '1' ? '1.2' : 'unknown' }
}
