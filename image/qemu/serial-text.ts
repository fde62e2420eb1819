/** What a guest says on its serial port, as lines for people, and whether its kernel panicked. */
import { stripVTControlCharacters } from 'node:util'
import type { Duplex } from 'node:stream'

/** Characters kept: some hundred lines. */
const KEPT = 32_768

export type SerialText = {
  /** The last `count` lines that are not empty, without colours and cursor movements. */
  last(count: number): string[]
  /** Bytes so far: a sign of life. */
  bytes(): number
  /**
   * How often the kernel said that a processor stands still. Once may be a busy host; again and
   * again, an emulated processor has missed a timer interrupt and does not wake up any more.
   */
  stalls(): number
  /** Resolves with the panic's own line, soon after it was said so that the trace is there too. */
  readonly panicked: Promise<string>
}

export function readSerial(stream: Duplex): SerialText {
  let text = ''
  let bytes = 0
  let seen = false
  let stalls = 0
  let line = ''
  let panic!: (line: string) => void
  const panicked = new Promise<string>(resolve => (panic = resolve))
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    text = (text + chunk.toString('latin1')).slice(-KEPT)
    const lines = (line + chunk.toString('latin1')).split('\n')
    line = lines.pop()!.slice(-KEPT)
    stalls += lines.filter(text => text.includes('rcu: INFO: rcu_preempt detected stalls')).length
    const panicLine = seen ? undefined : /Kernel panic - .*(?=[\r\n])/.exec(text)?.[0]
    if (panicLine === undefined) return
    seen = true
    setTimeout(panic, 500, panicLine)
  })
  return {
    last: count =>
      stripVTControlCharacters(Buffer.from(text, 'latin1').toString())
        .split(/[\r\n]+/)
        .filter(line => line.trim() !== '')
        .slice(-count),
    bytes: () => bytes,
    stalls: () => stalls,
    panicked,
  }
}
