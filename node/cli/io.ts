/** How the command line speaks to the process it runs in: lines, signals, a terminal that asks. */
import { closeSync, fstatSync, openSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import type { Io } from './command.ts'
import { explainFile } from './own-file.ts'

const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export type ProcessIo = Io & {
  /** What the process ends with when a signal stopped it: 128 and its number, as shells have it. */
  interrupted(): number | undefined
  /** Does what is left for later. */
  end(): Promise<void>
}

/**
 * The Io of this process. The first Ctrl-C (or SIGTERM, SIGHUP) aborts `signal`, the second ends the
 * process at once. A reader of standard output that closed it, as `head` does, ends it quietly.
 */
export function processIo(): ProcessIo {
  const controller = new AbortController()
  let interrupted: number | undefined
  const left: ((isPiped: boolean) => Promise<void>)[] = []
  for (const [name, code] of Object.entries(EXIT_BY_SIGNAL))
    process.on(name, () => {
      if (interrupted !== undefined) process.exit(code)
      interrupted = code
      controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'))
    })
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    const said = explainFile('standard output', 'write', error) as Error
    process.stderr.write(`blocktree: ${said.message}\n`)
    process.exit(1)
  })
  process.stderr.on('error', () => {})
  return {
    out: line => void process.stdout.write(`${line}\n`),
    err: line => void process.stderr.write(`${line}\n`),
    get input() {
      return process.stdin
    },
    output: process.stdout,
    tty: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
    outputTty: process.stdout.isTTY === true,
    secret: question => secret(question, controller.signal),
    signal: controller.signal,
    env: process.env,
    interrupted: () => interrupted,
    later: work => void left.push(work),
    async end() {
      if (left.length === 0) return
      const isPiped = await endOutput()
      for (const work of left) await work(isPiped)
    },
  }
}

/**
 * Whoever reads a pipe from here learns that all is there, though this process lives on; unless a
 * process between, as `timeout`, has the pipe too.
 *
 * @returns whether there is a pipe.
 */
async function endOutput(): Promise<boolean> {
  await new Promise(resolve => process.stdout.write('', resolve))
  const found = fstatSync(1)
  if (!found.isFIFO() && !found.isSocket()) return false
  closeSync(1)
  // Takes its number, so that no other file gets it.
  openSync('/dev/null', 'w')
  return true
}

export class AskError extends Error {
  readonly code: 'ASK_NO_TERMINAL' | 'ASK_NOTHING'
  constructor(code: AskError['code'], message: string) {
    super(message)
    this.name = 'AskError'
    this.code = code
  }
}

const [CTRL_C, CTRL_D, BACKSPACE, DELETE] = ['\x03', '\x04', '\b', '\x7f']

/** What was typed, or pasted, behind the line that was asked for: for the next question. */
let typedAhead = ''

/**
 * One line from the terminal, not shown.
 *
 * @throws {AskError} `ASK_NO_TERMINAL` there is nobody to ask; `ASK_NOTHING` nothing was typed.
 */
async function secret(question: string, signal: AbortSignal): Promise<string> {
  const { stdin } = process
  if (!(stdin instanceof ReadStream) || !stdin.isTTY)
    throw new AskError(
      'ASK_NO_TERMINAL',
      'a passphrase is asked for on a terminal, and this is none: --passphrase-file FILE gives one',
    )
  signal.throwIfAborted()
  stdin.setRawMode(true)
  process.stderr.write(question)
  stdin.setEncoding('utf8')
  stdin.resume()
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed: string[] = []
      const take = (text: string) => {
        const letters = [...text]
        for (const [i, letter] of letters.entries()) {
          // The signal's handler then ends the question, as it does when no question is open.
          if (letter === CTRL_C) return void process.kill(process.pid, 'SIGINT')
          if (letter === '\r' || letter === '\n' || letter === CTRL_D) {
            stdin.off('data', take)
            typedAhead = letters.slice(i + 1).join('')
            if (typed.length > 0) return resolve(typed.join(''))
            return reject(new AskError('ASK_NOTHING', 'nothing was typed'))
          }
          if (letter === BACKSPACE || letter === DELETE) typed = typed.slice(0, -1)
          else if (letter >= ' ') typed.push(letter)
        }
      }
      stdin.on('data', take)
      const ahead = typedAhead
      typedAhead = ''
      if (ahead !== '') take(ahead)
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      stdin.once('end', () => reject(new AskError('ASK_NOTHING', 'nothing was typed')))
    })
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stdin.removeAllListeners('data')
    process.stderr.write('\n')
  }
}
