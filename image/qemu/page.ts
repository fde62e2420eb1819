/** The page of a router, asked for through the forwarded port. One connection per request. */
import { get } from 'node:http'

export type Answer = { readonly status: number; readonly body: string }

/** Bytes of an answer that are read at most. */
const MAX_BODY = 4 * 2 ** 20

/**
 * GETs `path` from 127.0.0.1:`port`; gives up after `ms` milliseconds. Rejects with Node's own error
 * when nothing answers in full.
 */
export function getPage(port: number, path: string, ms: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ms)
    const request = get({ host: '127.0.0.1', port, path, agent: false, signal }, response => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('error', reject).on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BODY) response.destroy(new Error(`${path} is over ${MAX_BODY} bytes`))
        else chunks.push(chunk)
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      )
    })
    request.on('error', reject)
  })
}

/** Resolves true when `/healthz` answers 200; false when `signal` is aborted before. */
export async function waitForPage(port: number, signal: AbortSignal): Promise<boolean> {
  // An emulated guest on a busy machine may need long for one answer: be more patient every time.
  for (let ms = 2000; !signal.aborted; ms = Math.min(ms + 250, 15_000)) {
    const answer = await getPage(port, '/healthz', ms).catch(() => undefined)
    if (answer?.status === 200) return !signal.aborted
    await new Promise(resolve => setTimeout(resolve, 250))
  }
  return false
}
