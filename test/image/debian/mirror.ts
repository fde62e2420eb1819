/**
 * A small mirror on the loopback: serves the archive of test/golden/debian, and misbehaves on
 * demand. Every request is written down.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openApt, type Apt, type AptOptions, type DebArch } from '../../../image/debian/apt.ts'

const ARCHIVE = join(import.meta.dirname, '../../golden/debian')

/** What happens to one file: `cut` closes after half of it, `stall` never sends the second half. */
export type Fault = 'gone' | 'altered' | 'shorter' | 'cut' | 'stall' | 'no-range'

export type Mirror = {
  readonly uri: string
  readonly folder: string
  /** `METHOD PATH RANGE` of every request for a `.deb`. */
  readonly asked: string[]
  /** By the end of the path; a fault stays until it is deleted. */
  readonly faults: Map<string, Fault>
  /** After it, security has libcommon 1.2 instead of 1.1. */
  later: boolean
  apt(arch?: DebArch, options?: Partial<AptOptions>): Promise<Apt>
  /** Bytes of a file of the archive. */
  read(path: string): Buffer
  end(): Promise<void>
}

export async function mirror(): Promise<Mirror> {
  const folder = mkdtempSync(join(tmpdir(), 'mirror-'))
  const server = createServer((request, response) => answer(request, response, self))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const self: Mirror = {
    uri,
    folder,
    asked: [],
    faults: new Map(),
    later: false,
    read: path => readFileSync(join(ARCHIVE, path)),
    async apt(arch = 'amd64', options = {}) {
      const apt = await openApt({
        arch,
        archives: { debian: `${uri}debian/`, 'debian-security': `${uri}security/` },
        keyring: join(ARCHIVE, 'keyring.asc'),
        folder: join(folder, `apt-${arch}`),
        ...options,
      })
      // Tries again as always, but at once.
      appendFileSync(join(apt.folder, 'apt.conf'), 'Acquire::Retries::Delay "false";\n')
      return apt
    },
    async end() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      rmSync(folder, { recursive: true })
    },
  }
  return self
}

function answer(request: IncomingMessage, response: ServerResponse, mirror: Mirror): void {
  let path = decodeURIComponent(request.url ?? '')
  if (path.endsWith('.deb')) {
    const range = request.headers.range ?? ''
    mirror.asked.push(`${request.method} ${path} ${range}`.trim())
  }
  const fault = [...mirror.faults].find(([end]) => path.endsWith(end))?.[1]
  if (mirror.later) path = path.replace(/^\/security/, '/later')
  const file = join(ARCHIVE, path)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile() || fault === 'gone') return void response.writeHead(404).end()

  let bytes = readFileSync(file)
  if (fault === 'altered') bytes[bytes.length >> 1]! ^= 1
  if (fault === 'shorter') bytes = bytes.subarray(0, bytes.length - 1)
  const headers: Record<string, string | number> = {
    // Fixed: a checkout's times say nothing, and a part is only continued at the same time.
    'Last-Modified': new Date(1700000000_000).toUTCString(),
    'Accept-Ranges': fault === 'no-range' ? 'none' : 'bytes',
  }
  const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const same =
    (request.headers['if-range'] ?? headers['Last-Modified']) === headers['Last-Modified']
  const partial = from > 0 && from < bytes.length && same && fault !== 'no-range'
  const body = partial ? bytes.subarray(from) : bytes
  headers['Content-Length'] = body.length
  if (partial) headers['Content-Range'] = `bytes ${from}-${bytes.length - 1}/${bytes.length}`
  response.writeHead(partial ? 206 : 200, headers)
  if (fault !== 'cut' && fault !== 'stall') return void response.end(body)
  response.write(body.subarray(0, body.length >> 1), () => {
    if (fault === 'cut') response.destroy()
  })
}
