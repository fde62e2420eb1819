/** The terminal as the guest's console: keys go to the guest, what it says is shown. */
import type { Duplex } from 'node:stream'

/** Ctrl-] */
const LEAVE = 0x1d
/** Ctrl-A, then x: what QEMU's own console takes. */
const PREFIX = 0x01

/** Shown to people when the console is attached. */
export const LEAVE_HINT = 'Ctrl-] or Ctrl-A x stops the machine; Ctrl-A Ctrl-A sends Ctrl-A'

/**
 * Connects this process's terminal with `stream`; `onLeave` is called each time the keys to leave
 * are pressed. The result gives the terminal back.
 */
export function attachTerminal(stream: Duplex, onLeave: () => void): () => void {
  const { stdin, stdout } = process
  const show = (chunk: Buffer) => void stdout.write(chunk)
  const cut = keyFilter(onLeave)
  const type = (chunk: Buffer) => {
    const keys = cut(chunk)
    if (keys.length > 0 && stream.writable) stream.write(keys)
  }
  stream.on('data', show)
  stdin.on('data', type)
  if (stdin.isTTY) stdin.setRawMode(true)
  stdin.resume()
  return () => {
    stream.off('data', show)
    stdin.off('data', type)
    if (stdin.isTTY) stdin.setRawMode(false)
    stdin.pause()
  }
}

/** Takes typed bytes, calls `onLeave` for the keys to leave and gives what is for the guest. */
export function keyFilter(onLeave: () => void): (typed: Buffer) => Buffer {
  let prefixed = false
  return typed => {
    const out: number[] = []
    for (const byte of typed) {
      if (prefixed) {
        prefixed = false
        if (byte === 0x78) onLeave()
        else if (byte === PREFIX) out.push(PREFIX)
        else out.push(PREFIX, byte)
      } else if (byte === LEAVE) onLeave()
      else if (byte === PREFIX) prefixed = true
      else out.push(byte)
    }
    return Buffer.from(out)
  }
}
