/** A node that runs as a process of its own, on a directory, and is spoken to over its socket. */
import { inside } from '../../node/dir/place.ts'
import type { Client } from '../../node/rpc/client.ts'
import { connect } from '../../node/rpc/socket.ts'
import { says, start, type Started, type StartOptions } from './process.ts'

export class Daemon {
  readonly path: string
  readonly #options: StartOptions
  #started: Started
  readonly #clients: Client[] = []

  private constructor(path: string, options: StartOptions, started: Started) {
    this.path = path
    this.#options = options
    this.#started = started
  }

  /** Starts `blocktree node run` on `path`; resolves when it serves. Its page is on a free port. */
  static async start(path: string, options: StartOptions = {}): Promise<Daemon> {
    return new Daemon(path, options, await launch(path, options))
  }

  get pid(): number {
    return this.#started.child.pid!
  }

  /** What it has said on standard error. */
  get said(): string {
    return this.#started.err
  }

  /** Where its page is. */
  get url(): string {
    return /http:\/\/\S+/.exec(this.said)![0]
  }

  /** A new connection; closed when the node is stopped. */
  async client(): Promise<Client> {
    const client = await connect(inside(this.path).socket)
    this.#clients.push(client)
    return client
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#started.child.kill('SIGKILL')
    await this.#gone()
  }

  /** Ends it as systemd does. @returns the exit code. */
  async stop(): Promise<number | null> {
    this.#started.child.kill('SIGTERM')
    return this.#gone()
  }

  /** Starts it again on the same directory. */
  async restart(): Promise<void> {
    this.#started = await launch(this.path, this.#options)
  }

  async #gone(): Promise<number | null> {
    const code = await this.#started.ended
    for (const client of this.#clients.splice(0)) client.close()
    return code
  }
}

async function launch(path: string, options: StartOptions): Promise<Started> {
  const started = start(['node', 'run', '--dir', path, '--listen', '127.0.0.1:0'], options)
  await says(started, /listening on http/)
  return started
}
