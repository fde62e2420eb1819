/** Numbers in words, for people. */
import type { Interface, Status } from '../status/status.ts'

/** `just now`, `12 seconds ago`, `5 minutes ago`, `3 hours ago`. @param ms  0 or more. */
export function ago(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 3) return 'just now'
  if (seconds < 60) return `${seconds} seconds ago`
  const [count, unit] = seconds < 3600 ? [seconds / 60, 'minute'] : [seconds / 3600, 'hour']
  const whole = Math.floor(count)
  return `${whole} ${unit}${whole === 1 ? '' : 's'} ago`
}

/** `312 MB`, `1.4 GB`: powers of 1024, as memory is sold. */
export function bytes(count: number): string {
  const mega = count / 2 ** 20
  return mega < 1000 ? `${Math.round(mega)} MB` : `${(mega / 1024).toFixed(1)} GB`
}

/** `1 Gbit/s`. @param megabits  per second. */
export function speed(megabits: number): string {
  return megabits < 1000 ? `${megabits} Mbit/s` : `${+(megabits / 1000).toFixed(1)} Gbit/s`
}

/** What a port is, for people who see its socket. */
export function portKind({ kind, role }: Interface): string {
  if (role === 'internet') return 'Internet'
  const names = {
    ethernet: 'Cable',
    wifi: 'Wi-Fi',
    bridge: 'Home network',
    tunnel: 'Tunnel',
  } as const
  return kind === 'virtual' ? 'Virtual' : names[kind]
}

/** The one sentence at the top. */
export function headline({ findings }: Status): string {
  const problem = findings.find(each => each.level === 'problem')
  if (problem) return problem.title
  const notices = findings.filter(each => each.level === 'notice').length
  if (notices === 0) return 'Everything is fine'
  if (notices === 1) return 'One thing to look at'
  return `${COUNTS[notices] ?? notices} things to look at`
}

const COUNTS: Readonly<Record<number, string>> = { 2: 'Two', 3: 'Three', 4: 'Four', 5: 'Five' }
