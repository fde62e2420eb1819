/**
 * Client of the QEMU Machine Protocol: one JSON object a line, both ways. QEMU greets, we negotiate,
 * then commands are answered in order by their id, and events come in between.
 * Source: QEMU's docs/interop/qmp-spec.rst.
 */
import type { Duplex } from 'node:stream'
import { QemuError } from './error.ts'
import { lineCutter } from './lines.ts'

/** Longest line we take. QEMU's longest answers (schema queries) stay below 1 MiB. */
export const MAX_LINE_BYTES = 4 * 2 ** 20

export type QmpEvent = {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
  /** Seconds since 1970 by the host's clock; 0 when QEMU does not know. */
  readonly time: number
}

type Waiting = { resolve(value: unknown): void; reject(error: QemuError): void }

export class Qmp {
  /** Resolves when the connection is over, with the reason; never rejects. */
  readonly closed: Promise<QemuError>
  readonly #socket: Duplex
  readonly #waiting = new Map<string, Waiting>()
  readonly #listeners = new Set<(event: QmpEvent) => void>()
  #next = 1
  #over: QemuError | undefined
  #end!: (reason: QemuError) => void
  #greet: Waiting | undefined

  private constructor(socket: Duplex) {
    this.#socket = socket
    this.closed = new Promise(resolve => (this.#end = resolve))
    const cut = lineCutter(
      MAX_LINE_BYTES,
      line => this.#take(line),
      () => this.#fail(new QemuError('QMP_BAD_LINE', `QMP line over ${MAX_LINE_BYTES} bytes`)),
    )
    const gone = (cause?: unknown) =>
      this.#fail(new QemuError('QMP_CLOSED', 'QEMU closed its control connection', cause))
    socket
      .on('data', cut)
      .on('error', gone)
      .on('close', () => gone())
      .on('end', () => gone())
  }

  /**
   * Waits for the greeting on a connected socket and leaves negotiation mode.
   *
   * @throws {QemuError} `QMP_CLOSED` QEMU ended first; `QMP_BAD_LINE` it does not speak QMP.
   */
  static async open(socket: Duplex, onEvent?: (event: QmpEvent) => void): Promise<Qmp> {
    const qmp = new Qmp(socket)
    if (onEvent) qmp.onEvent(onEvent)
    await new Promise<unknown>((resolve, reject) => (qmp.#greet = { resolve, reject }))
    await qmp.command('qmp_capabilities')
    return qmp
  }

  /**
   * Sends a command and gives what it returns.
   *
   * @throws {QemuError} `QMP_REFUSED` with QEMU's own words; `QMP_CLOSED`, `QMP_BAD_LINE` when the
   *   connection ended before the answer.
   */
  command(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (this.#over) return Promise.reject(this.#over)
    const id = `${this.#next++}`
    const answer = new Promise<unknown>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    )
    this.#socket.write(JSON.stringify({ execute, arguments: args, id }) + '\n')
    return answer
  }

  /** Calls `listener` for every event from now on; the result takes it off again. */
  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Closes the connection; QEMU goes on. */
  close(): void {
    this.#fail(new QemuError('QMP_CLOSED', 'the control connection was closed'))
  }

  #take(line: Buffer): void {
    if (this.#over) return
    const message = parse(line)
    if (!message) return this.#bad(line, 'a JSON object was expected')
    if (this.#greet && 'QMP' in message) {
      this.#greet.resolve(message['QMP'])
      this.#greet = undefined
      return
    }
    if ('event' in message) return this.#event(line, message)
    const id = message['id']
    const waiting = typeof id === 'string' ? this.#waiting.get(id) : undefined
    if (!waiting) return this.#bad(line, 'it answers nothing that was asked')
    if ('return' in message) waiting.resolve(message['return'])
    else if (isRecord(message['error'])) {
      const said = `${message['error']['desc'] ?? message['error']['class']}`
      waiting.reject(new QemuError('QMP_REFUSED', `QEMU refused a command: ${said}`))
    } else return this.#bad(line, 'it has neither return nor error')
    this.#waiting.delete(id as string)
  }

  #event(line: Buffer, message: Record<string, unknown>): void {
    const { event, data = {}, timestamp } = message
    if (typeof event !== 'string' || !isRecord(data)) return this.#bad(line, 'it is no event')
    const seconds = isRecord(timestamp) ? timestamp['seconds'] : 0
    const micro = isRecord(timestamp) ? timestamp['microseconds'] : 0
    const time = typeof seconds === 'number' && seconds > 0 ? seconds + Number(micro) / 1e6 : 0
    for (const listener of [...this.#listeners]) listener({ event, data, time })
  }

  #bad(line: Buffer, why: string): void {
    const shown = JSON.stringify(line.subarray(0, 80).toString())
    this.#fail(new QemuError('QMP_BAD_LINE', `QMP line ${shown}: ${why}`))
  }

  #fail(reason: QemuError): void {
    if (this.#over) return
    this.#over = reason
    this.#socket.destroy()
    this.#greet?.reject(reason)
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
    this.#end(reason)
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(line: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line.toString())
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
