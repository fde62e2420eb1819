/** A small service of the tests' own, and ways to reach it: it keeps files in memory. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectNet, type Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../../../node/rpc/client.ts'
import { FrameReader, type Frame } from '../../../node/rpc/frames.ts'
import { LIMITS, type Limits } from '../../../node/rpc/limits.ts'
import type { Service } from '../../../node/rpc/protocol.ts'
import { serve } from '../../../node/rpc/serve.ts'
import { serveSocket, type ServedSocket } from '../../../node/rpc/socket.ts'
import { pipeOf } from '../../../node/rpc/wire.ts'

export type Memory = Service & {
  readonly files: Map<string, Uint8Array>
  /** Paths that were read or written to the end, or broken off. */
  readonly log: string[]
}

class MissingError extends Error {
  readonly code = 'TREE_NOT_FOUND'
}

/** Answers `file.*` of a few paths; `/slow` takes until it is cancelled, `/stuck` is never
 * read to its end, `/bug` is a mistake. */
export function memory(): Memory {
  const files = new Map<string, Uint8Array>()
  const log: string[] = []
  const service = {
    files,
    log,
    'file.stat': async ({ path }, { signal }) => {
      if (path === '/bug') return (undefined as unknown as { x: { y: never } }).x.y
      if (path === '/slow') {
        const stopped = await sleep(60_000, undefined, { signal }).catch(() => 'stopped')
        log.push(`${path} ${stopped}`)
      }
      const bytes = files.get(path)
      if (!bytes) throw new MissingError(`nothing is at ${path}`)
      return { path, size: bytes.length } as never
    },
    'file.read': async ({ path, offset = 0, length }, { outgoing, signal }) => {
      const bytes = files.get(path)
      if (!bytes) throw new MissingError(`nothing is at ${path}`)
      const end = length === undefined ? bytes.length : offset + length
      try {
        for (let at = offset; at < end; at += 100_000)
          await outgoing.write(bytes.subarray(at, Math.min(end, at + 100_000)))
        signal.throwIfAborted()
      } catch (error) {
        log.push(`read of ${path} broke off`)
        throw error
      }
      return { size: bytes.length, generation: 1 }
    },
    'file.write': async ({ path }, { incoming, signal }) => {
      const parts: Uint8Array[] = []
      try {
        if (path === '/stuck') await once(signal, 'abort')
        for await (const bytes of incoming) parts.push(Uint8Array.from(bytes))
      } catch (error) {
        log.push(`write of ${path} broke off`)
        throw error
      }
      const bytes = Buffer.concat(parts)
      files.set(path, bytes)
      return { size: bytes.length, generation: 1 }
    },
    'watch.open': async ({ path, watch }, { notice, signal }) => {
      await notice('watch.changed', { watch, path, what: 'first' })
      await once(signal, 'abort')
      log.push(`watch of ${path} ended`)
      throw signal.reason
    },
    check: async ({ progress = 0 }, { notice }) => {
      await notice('progress', { progress, done: 1, step: 'store' })
      await notice('progress', { progress, done: 2 })
      return { blocks: 2, pieces: 3, findings: [] }
    },
  } as Partial<Service> & Pick<Memory, 'files' | 'log'>
  return service as Memory
}

export type Served = { service: Memory; socket: ServedSocket; path: string; log: string[] }

/** The service on a socket of its own. */
export async function served(limits: Partial<Limits> = {}): Promise<Served> {
  const path = join(mkdtempSync(join(tmpdir(), 'rpc-')), 'socket')
  const service = memory()
  const log: string[] = []
  const options = {
    limits: { ...LIMITS, ...limits },
    log: (event: string, detail: string) => void log.push(`${event} ${detail}`),
  }
  return { service, socket: await serveSocket(path, service, options), path, log }
}

/** The service in this process. */
export function local(service: Service, limits: Partial<Limits> = {}): Client {
  const [here, there] = duplexPair()
  serve(pipeOf(there), service, { limits: { ...LIMITS, ...limits } })
  return new Client(pipeOf(here))
}

/** A peer that writes what it likes. */
export class Raw {
  readonly socket: Socket
  readonly answers: Record<string, any>[] = []
  readonly chunks: Uint8Array[] = []
  readonly closed: Promise<unknown>
  #frames = new FrameReader({ ...LIMITS, messageBytes: 9_999_999 })
  #more = Promise.withResolvers<void>()

  constructor(path: string) {
    this.socket = connectNet({ path, allowHalfOpen: true })
    this.socket.on('error', () => {})
    this.closed = once(this.socket, 'close').catch(() => {})
    this.socket.on('data', bytes => {
      for (const frame of this.#frames.push(bytes)) this.#take(frame)
      this.#more.resolve()
      this.#more = Promise.withResolvers()
    })
    this.socket.on('end', () => this.socket.end())
  }

  /** Sends bytes, or a message as JSON in a frame. */
  send(what: string | Uint8Array | object): this {
    const framed = (body: string) => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    const plain = typeof what === 'string' || what instanceof Uint8Array
    this.socket.write(plain ? what : framed(JSON.stringify(what)))
    return this
  }

  call(method: string, params?: object, id: unknown = randomUUID()): this {
    return this.send({ jsonrpc: '2.0', id, method, params })
  }

  /** The answer that fits; waits for it. */
  async answer(fits: (answer: Record<string, any>) => boolean): Promise<Record<string, any>> {
    for (;;) {
      const found = this.answers.find(fits)
      if (found) return found
      const closed = this.closed.then(() => 'closed')
      const more = await Promise.race([this.#more.promise, closed])
      if (more === 'closed' && !this.answers.some(fits))
        throw new Error(`closed without the answer: ${JSON.stringify(this.answers)}`)
    }
  }

  error(code: string): Promise<Record<string, any>> {
    return this.answer(({ error }) => error?.data?.code === code)
  }

  #take(frame: Frame): void {
    if (frame.kind === 'chunk') this.chunks.push(frame.bytes)
    else this.answers.push(JSON.parse(Buffer.from(frame.body).toString()))
  }
}
