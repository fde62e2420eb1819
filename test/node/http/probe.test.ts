/** The node’s check of itself, against servers that misbehave. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { probe } from '../../../node/http/probe.ts'

const servers: ReturnType<typeof createServer>[] = []
after(() => servers.forEach(server => server.close()))

/** A server that says `text` to everybody and then closes, or never, when there is no text. */
async function saying(text?: string) {
  const server = createServer(socket => {
    socket.on('error', () => {})
    if (text === undefined) socket.unref()
    else socket.once('data', () => socket.end(text))
  })
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

describe('probe', () => {
  it('is content with 200', async () => {
    await probe(await saying('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), '/', 5_000)
  })

  it('is not content with another status, too long or too short a body, or no HTTP', async () => {
    const rows = [
      ['HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n', 'PROBE_UNHEALTHY'],
      ['HTTP/1.1 204 Empty\r\n\r\n', 'PROBE_UNHEALTHY'],
      [`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(70_000)}`, 'PROBE_UNHEALTHY'],
      ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok', 'PROBE_UNREACHABLE'],
      ['what?\r\n\r\n', 'PROBE_UNREACHABLE'],
      ['', 'PROBE_UNREACHABLE'],
    ] as const
    for (const [text, code] of rows)
      await assert.rejects(probe(await saying(text), '/', 5_000), { code }, text.slice(0, 40))
  })

  it('waits no longer than told', async () => {
    await assert.rejects(probe(await saying(), '/', 50), { code: 'PROBE_TIMEOUT' })
  })

  it('says where nobody answers', async () => {
    const place = await saying('')
    servers.pop()!.close()
    await assert.rejects(probe(place, '/healthz', 5_000), {
      code: 'PROBE_UNREACHABLE',
      message: new RegExp(`http://127.0.0.1:${place.port}/healthz does not answer`),
    })
  })
})
