/** The HTTP server’s start and end. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import type { Answer } from '../../../node/http/answer.ts'
import { serve } from '../../../node/http/server.ts'
import { ask } from './exchange.ts'

const say = (body: string): Answer => ({ status: 200, headers: {}, body })
const LOOPBACK = { host: '127.0.0.1', port: 0 }

describe('serve', () => {
  it('answers at several places', async () => {
    const listening = await serve(() => say('here'), [LOOPBACK, LOOPBACK])
    const ports = listening.addresses.map(each => each.port)
    assert.notEqual(ports[0], ports[1])
    for (const port of ports) assert.equal((await ask(port, '/')).body, 'here')
    await listening.close(0)
  })

  it('says what to do when a place is taken, and then listens nowhere', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const taken = { host: '127.0.0.1', port: (other.address() as AddressInfo).port }
    const free = await serve(() => say(''), [LOOPBACK])
    const port = free.addresses[0]!.port
    await free.close(0)
    await assert.rejects(
      serve(() => say(''), [{ ...LOOPBACK, port }, taken]),
      {
        code: 'LISTEN_TAKEN',
        message: new RegExp(`127.0.0.1:${taken.port} already; .*--listen`),
      },
    )
    await assert.rejects(ask(port, '/'), /no answer/)
    other.close()
  })

  it('names an address that is not here and a descriptor that is none', async () => {
    await assert.rejects(
      serve(() => say(''), [{ host: '192.0.2.1', port: 0 }]),
      {
        code: 'LISTEN_FAILED',
        message: /192\.0\.2\.1/,
      },
    )
    await assert.rejects(
      serve(() => say(''), [{ fd: 9999 }]),
      { code: 'LISTEN_FAILED' },
    )
  })
})

describe('close', () => {
  it('lets a running answer finish, takes nobody new, ends idle connections', async () => {
    let answer = () => {}
    const waits = new Promise<void>(resolve => (answer = resolve))
    let asked = () => {}
    const arrived = new Promise<void>(resolve => (asked = resolve))
    const slow = async () => {
      asked()
      await waits
      return say('done')
    }
    const listening = await serve(slow, [LOOPBACK])
    const { port } = listening.addresses[0]!
    const idle = connect(port, '127.0.0.1')
    await once(idle, 'connect')
    const running = ask(port, '/slow', { Connection: 'keep-alive' })
    await arrived
    const closed = listening.close(60_000)
    await assert.rejects(ask(port, '/slow'), /no answer/)
    answer()
    assert.match((await running).body, /done/)
    idle.destroy()
    await closed
  })

  it('cuts what does not finish in time', async () => {
    let asked = () => {}
    const arrived = new Promise<void>(resolve => (asked = resolve))
    const never = () => {
      asked()
      return new Promise<Answer>(() => {})
    }
    const listening = await serve(never, [LOOPBACK])
    const running = ask(listening.addresses[0]!.port, '/never')
    running.catch(() => {})
    await arrived
    await listening.close(10)
    await assert.rejects(running, /no answer/)
  })
})
