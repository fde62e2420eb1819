/**
 * Commands over a root shell on a terminal line that may echo, wrap and interrupt. Every command is
 * framed by markers with a number of its own; the text that is sent never holds a marker itself, so
 * an echo is never taken for an answer.
 */
import type { Duplex } from 'node:stream'

export type Ran = { readonly status: number; readonly output: string }

/** Characters of one command's output that are kept: the last ones. */
const KEPT = 1_000_000

/** A terminal line holds 4,095 bytes in the kernel; what is longer is cut off without a word. */
const MAX_COMMAND = 3800

export class Shell {
  readonly #stream: Duplex
  readonly #waits = new Set<() => void>()
  #text = ''
  #bytes = 0
  #count = 0
  #ready = false
  #lost: (error: Error) => void = () => {}

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length
      this.#text = (this.#text + chunk.toString('latin1')).slice(-KEPT)
      for (const wake of [...this.#waits]) wake()
    })
    stream.on('close', () => {
      for (const wake of [...this.#waits]) wake()
    })
  }

  /** Bytes that came so far: a sign of life. */
  bytes(): number {
    return this.#bytes
  }

  /** After a reset of the guest: what runs is given up, the next command waits for the new shell. */
  lost(): void {
    this.#ready = false
    this.#text = ''
    this.#lost(new Error('the guest was reset while a command ran'))
  }

  /** Runs `command` (one or more lines) in a shell of its own and gives what it printed. */
  async run(command: string): Promise<Ran> {
    if (command.length > MAX_COMMAND)
      throw new RangeError(`command of ${command.length} bytes; a line takes ${MAX_COMMAND}`)
    if (!this.#ready) await this.#greet()
    const id = `${++this.#count}`
    this.#stream.write(
      `printf '\\n@@%s-%s@@\\n' begin ${id}; ( ${command}\n) </dev/null 2>&1; ` +
        `printf '\\n@@%s-%s:%s@@\\n' end ${id} "$?"\n`,
    )
    const match = await Promise.race([
      this.#wait(new RegExp(`@@begin-${id}@@\n([^]*)\n@@end-${id}:(\\d+)@@`, 'g')),
      new Promise<never>((_, reject) => (this.#lost = reject)),
    ])
    const output = Buffer.from(match[1]!, 'latin1').toString()
    return { status: Number(match[2]), output: output.replace(/\n$/, '') }
  }

  /**
   * Waits until a shell answers, then has it read from a pipe: without line editing, prompts and
   * echo, so that nothing but output comes back.
   */
  async #greet(): Promise<void> {
    // Not a key before: the firmware reads this line too, and would open its menu.
    await this.#wait(/built-in shell[^]*# /g)
    await this.#ask(`stty -echo -opost; printf '@@%s-%s@@\\n' hello`)
    // Not `cat`: where the kernel can splice from a terminal, its output comes one line late.
    this.#stream.write(`while IFS= read -r l; do printf '%s\\n' "$l"; done | sh\n`)
    await this.#ask(`printf '@@%s-%s@@\\n' ready`)
    this.#stream.write('export TERM=dumb COLUMNS=400 SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0\n')
    this.#ready = true
  }

  /** Sends a line again and again until its number comes back. */
  async #ask(line: string): Promise<void> {
    const from = this.#count + 1
    const again = setInterval(() => this.#stream.write(`${line} ${++this.#count}\n`), 1000)
    try {
      await this.#wait(new RegExp(`@@(?:hello|ready)-(\\d+)@@\n`, 'g'), m => Number(m[1]) >= from)
    } finally {
      clearInterval(again)
    }
  }

  /** The first match of `pattern` (global) that is `good`, in what came since the last match. */
  #wait(
    pattern: RegExp,
    good: (match: RegExpExecArray) => boolean = () => true,
  ): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = [...this.#text.replaceAll('\r', '').matchAll(pattern)].find(good)
        if (match) resolve(match)
        else if (this.#stream.destroyed) reject(new Error('the console is gone'))
        else return
        this.#waits.delete(look)
        if (match) this.#text = ''
      }
      this.#waits.add(look)
      look()
    })
  }
}
