import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { getPage, waitForPage } from '../../../image/qemu/page.ts'

/** Runs `use` with the port of a server that answers so. */
async function served(answer: RequestListener, use: (port: number) => Promise<void>) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await use((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('asking for the page', () => {
  it('gives status and body', () =>
    served(
      (request, response) => response.writeHead(404).end(`no ${request.url}`),
      async port =>
        assert.deepEqual(await getPage(port, '/x', 5000), { status: 404, body: 'no /x' }),
    ))

  it('rejects when nobody listens, when it takes too long and when it never ends', async () => {
    let free = 0
    await served(
      () => {},
      async port => {
        free = port
        await assert.rejects(getPage(port, '/', 100))
      },
    )
    await assert.rejects(getPage(free, '/', 5000), { code: 'ECONNREFUSED' })
    await served(
      (_, response) => {
        const more = () => response.write(Buffer.alloc(2 ** 20), error => error || more())
        more()
      },
      port => assert.rejects(getPage(port, '/', 30_000), /is over/),
    )
  })

  it('waits through refusals until the page is there', async () => {
    let asked = 0
    await served(
      (_, response) => response.writeHead(++asked < 3 ? 503 : 200).end(),
      async port => {
        assert.equal(await waitForPage(port, new AbortController().signal), true)
        assert.equal(asked, 3)
      },
    )
  })

  it('stops waiting when asked to', async () => {
    const stop = new AbortController()
    await served(
      (_, response) => {
        response.writeHead(503).end()
        stop.abort()
      },
      async port => assert.equal(await waitForPage(port, stop.signal), false),
    )
  })
})
