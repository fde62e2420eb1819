/** What runs on this machine, by what is on its command line. */
import { readdirSync, readFileSync } from 'node:fs'

/** Ids of the running processes (no zombies) with `text` on their command line. */
export function running(text: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(pid => read(`/proc/${pid}/cmdline`).includes(text))
    .filter(pid => !/^State:\s+[ZX]/m.test(read(`/proc/${pid}/status`)))
    .map(Number)
}

/** Waits until no process has `text` on its command line; gives those left after `ms`. */
export async function allGone(text: string, ms = 30_000): Promise<number[]> {
  const end = performance.now() + ms
  while (running(text).length > 0 && performance.now() < end)
    await new Promise(resolve => setTimeout(resolve, 50))
  return running(text)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
