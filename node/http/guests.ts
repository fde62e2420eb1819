/**
 * How many connections others may hold at once. The node itself is never refused: a household
 * member (or their broken gadget) that takes all connections must not starve the watchdog's check.
 */
import type { Server, Socket } from 'node:net'

const MOST = 256
const MOST_EACH = 64
const SELF = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** Counts over all given servers together; ends connections beyond 256, or 64 of one address. */
export function limitGuests(servers: readonly Server[]): void {
  const held = new Map<string, number>()
  let all = 0
  const arrived = (socket: Socket) => {
    const who = socket.remoteAddress ?? ''
    if (SELF.has(who)) return
    const mine = held.get(who) ?? 0
    if (all >= MOST || mine >= MOST_EACH) return void socket.destroy()
    all++
    held.set(who, mine + 1)
    socket.once('close', () => {
      all--
      const left = held.get(who)! - 1
      if (left === 0) held.delete(who)
      else held.set(who, left)
    })
  }
  for (const server of servers) server.on('connection', arrived)
}
