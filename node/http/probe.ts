/** Asks a node how it is: what the watchdog and `blocktree health` do. */
import { request } from 'node:http'

export class ProbeError extends Error {
  readonly code: 'PROBE_UNREACHABLE' | 'PROBE_TIMEOUT' | 'PROBE_UNHEALTHY'
  constructor(code: ProbeError['code'], message: string) {
    super(message)
    this.name = 'ProbeError'
    this.code = code
  }
}

const BODY_BYTES = 64 * 1024

/**
 * Resolves when `path` is answered with 200 and a body of at most 64 KiB.
 *
 * @param timeoutMs  for the whole exchange.
 * @throws {ProbeError} `PROBE_UNREACHABLE` nobody answers; `PROBE_TIMEOUT`; `PROBE_UNHEALTHY` another
 *   status or too long a body.
 */
export function probe(
  place: { readonly host: string; readonly port: number },
  path: string,
  timeoutMs: number,
): Promise<void> {
  const at = `http://${place.host.includes(':') ? `[${place.host}]` : place.host}:${place.port}${path}`
  return new Promise((resolve, reject) => {
    const fail = (code: ProbeError['code'], message: string) => {
      clearTimeout(timer)
      asking.destroy()
      reject(new ProbeError(code, message))
    }
    const asking = request({ ...place, path, agent: false, maxHeaderSize: 8 * 1024 })
    const timer = setTimeout(
      () => fail('PROBE_TIMEOUT', `${at} did not answer within ${timeoutMs} ms`),
      timeoutMs,
    )
    asking.once('error', error =>
      fail('PROBE_UNREACHABLE', `${at} does not answer: ${error.message}`),
    )
    asking.once('response', response => {
      let length = 0
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > BODY_BYTES)
          fail('PROBE_UNHEALTHY', `${at} answers more than ${BODY_BYTES} bytes`)
      })
      response.once('error', error =>
        fail('PROBE_UNREACHABLE', `${at} broke off: ${error.message}`),
      )
      response.once('end', () => {
        if (response.statusCode !== 200)
          return fail('PROBE_UNHEALTHY', `${at} answers ${response.statusCode}, 200 expected`)
        clearTimeout(timer)
        resolve()
      })
    })
    asking.end()
  })
}
