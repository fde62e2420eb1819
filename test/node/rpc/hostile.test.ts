/** Peers that mean harm or are broken: each is refused with a reason, and the node goes on. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { chunkFrame } from '../../../node/rpc/frames.ts'
import { connect } from '../../../node/rpc/socket.ts'
import { Raw, served, type Served } from './service.ts'

const LIMITS = { frameMs: 60, calls: 8, connections: 12 }

/** What a raw peer gets must fit, and afterwards others are served as if nothing had happened. */
describe('a hostile peer', () => {
  let node: Served
  before(async () => {
    node = await served(LIMITS)
    node.service.files.set('/a', Buffer.from('abc'))
    node.service.files.set('/big', new Uint8Array(5_000_000))
  })
  after(() => node.socket.close(1000))

  const alive = async () => {
    const client = await connect(node.path)
    assert.equal((await client.call('file.stat', { path: '/a' })).size, 3)
    client.close()
    await client.ended
  }
  const attack = (what: string, run: (raw: Raw) => Promise<unknown>) =>
    it(what, async () => {
      const raw = new Raw(node.path)
      await run(raw)
      await alive()
      raw.socket.destroy()
    })
  const loses = async (raw: Raw, code: string) => {
    await raw.error(code)
    await raw.closed
  }

  attack('that announces a huge frame is cut off before it is sent', raw =>
    loses(raw.send('Content-Length: 999999999\r\n\r\n'), 'RPC_FRAME_SIZE'),
  )
  attack('that speaks HTTP is cut off', raw =>
    loses(raw.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 'RPC_FRAME_HEADER'),
  )
  attack('that sends an endless header is cut off', raw =>
    loses(raw.send('x'.repeat(5_000)), 'RPC_FRAME_HEADER'),
  )
  attack('that sends noise is cut off', raw =>
    loses(raw.send(new Uint8Array(100_000).map((_, i) => (i * 7919) >> 3)), 'RPC_FRAME_HEADER'),
  )
  attack('that begins a header and waits is cut off', raw =>
    loses(raw.send('Content-Le'), 'RPC_FRAME_SLOW'),
  )
  attack('that begins a body and sends it byte by byte is cut off', async raw => {
    raw.send('Content-Length: 1000\r\n\r\n')
    const timer = setInterval(() => raw.send(' '), 5)
    await loses(raw, 'RPC_FRAME_SLOW')
    clearInterval(timer)
  })
  attack('that goes away in the middle of a frame is forgotten', async raw => {
    raw.send('Content-Length: 1000\r\n\r\n{').socket.end()
    await raw.closed
  })
  attack('that is idle between frames is not cut off', async raw => {
    raw.call('check', {}, 1)
    await raw.answer(({ id }) => id === 1)
    await sleep(2 * LIMITS.frameMs)
    raw.call('check', {}, 2)
    await raw.answer(({ id }) => id === 2)
  })

  attack('that nests deeply is told so and may go on', async raw => {
    raw.send(`Content-Length: 200000\r\n\r\n${'['.repeat(200_000)}`)
    await raw.error('RPC_DEEP')
    raw.call('check', {}, 1)
    await raw.answer(({ id }) => id === 1)
  })
  attack('that sends what is no message is told why, each time', async raw => {
    for (const wrong of [
      '{',
      'null',
      '[]',
      '{"jsonrpc":"2.0"}',
      '{"jsonrpc":"2.0","id":5,"method":5}',
    ])
      raw.send(`Content-Length: ${wrong.length}\r\n\r\n${wrong}`)
    raw.call('check', {}, 1)
    await raw.answer(({ id }) => id === 1)
    assert.deepEqual(
      raw.answers.filter(({ error }) => error).map(({ id, error }) => [id, error.data.code]),
      [
        [null, 'RPC_JSON'],
        [null, 'RPC_MESSAGE'],
        [null, 'RPC_MESSAGE'],
        [null, 'RPC_MESSAGE'],
        [5, 'RPC_MESSAGE'],
      ],
    )
  })
  attack('that answers calls nobody made is not listened to', async raw => {
    raw.send({ jsonrpc: '2.0', id: 1, result: {} }).send({ jsonrpc: '2.0', method: 'nonsense' })
    raw.send({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: {} } })
    raw.send({ jsonrpc: '2.0', method: '$/cancelRequest' })
    raw.send({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 77 } })
    raw.call('check', {}, 1)
    await raw.answer(({ id, result }) => id === 1 && result)
  })

  attack('that makes too many calls at once is refused the rest', async raw => {
    for (let i = 0; i < 20; i++) raw.call('file.stat', { path: '/slow' }, i)
    await raw.answer(() => raw.answers.length === 12)
    assert.ok(raw.answers.every(({ error }) => error.data.code === 'RPC_BUSY'))
    for (let i = 0; i < 8; i++)
      raw.send({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: i } })
    await raw.answer(() => raw.answers.length === 20)
    assert.equal(raw.answers.filter(({ error }) => error.data.code === 'RPC_CANCELLED').length, 8)
    raw.call('check', {}, 'again')
    await raw.answer(({ id, result }) => id === 'again' && result)
  })
  attack('that uses the id of a call that runs is refused, also 1 for "1"', async raw => {
    raw.call('file.stat', { path: '/slow' }, 1).call('check', {}, 1).call('check', {}, '1')
    await raw.answer(() => raw.answers.length === 2)
    assert.deepEqual(
      raw.answers.map(({ error }) => error.data.code),
      ['RPC_ID_TWICE', 'RPC_ID_TWICE'],
    )
  })
  attack('that floods and never reads costs little, and the node stops reading it', async raw => {
    raw.socket.pause()
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(64) })
    const flood = Buffer.from(`Content-Length: ${body.length}\r\n\r\n${body}`.repeat(1000))
    let sent = 0
    for (let i = 0; i < 400 && raw.socket.writableLength < 4_000_000; i++) {
      raw.send(flood)
      sent += flood.length
      await sleep(1)
    }
    assert.ok(raw.socket.writableLength > 1_000_000, `all of ${sent} bytes were read`)
    await alive()
  })
  attack('that opens too many connections is refused the rest', async raw => {
    raw.call('check', {}, 1)
    await raw.answer(({ id }) => id === 1)
    const more = Array.from({ length: LIMITS.connections }, () => new Raw(node.path))
    await more.at(-1)!.error('RPC_BUSY')
    await more.at(-1)!.closed
    for (const each of more) each.socket.destroy()
    while (node.socket.connections() > 1) await sleep(2)
  })

  attack('that sends more of a stream than it may is cut off', raw => {
    raw.call('file.write', { path: '/stuck', stream: 7 }, 1)
    for (let i = 0; i < 5; i++) raw.send(Buffer.concat(chunkFrame(7, new Uint8Array(65_536))))
    return loses(raw, 'RPC_STREAM')
  })
  attack('that sends streams nobody asked for is not listened to', async raw => {
    for (let i = 0; i < 100; i++) raw.send(Buffer.concat(chunkFrame(i, new Uint8Array(1000))))
    raw.send({ jsonrpc: '2.0', method: 'stream.end', params: { stream: 3 } })
    raw.send({ jsonrpc: '2.0', method: 'stream.credit', params: { stream: 3, bytes: 10 } })
    raw.call('check', {}, 1)
    await raw.answer(({ id, result }) => id === 1 && result)
  })
  attack('that sends on a stream that goes the other way is cut off', raw =>
    loses(
      raw
        .call('file.read', { path: '/big', stream: 1 }, 1)
        .send(Buffer.concat(chunkFrame(1, new Uint8Array(1)))),
      'RPC_STREAM',
    ),
  )
  for (const bytes of [0, -5, 1.5, '9', 1e300, 300_000])
    attack(`that grants ${JSON.stringify(bytes)} bytes is cut off`, raw =>
      loses(
        raw
          .call('file.read', { path: '/big', stream: 1 }, 1)
          .send({ jsonrpc: '2.0', method: 'stream.credit', params: { stream: 1, bytes } }),
        'RPC_STREAM',
      ),
    )
  attack('that opens one stream twice is refused the second', async raw => {
    raw.call('file.read', { path: '/big', stream: 1 }, 1)
    raw.call('file.read', { path: '/big', stream: 1 }, 2)
    const { id } = await raw.error('RPC_STREAM')
    assert.equal(id, 2)
  })

  it('was never a mistake in the program', () => {
    assert.deepEqual(
      node.log.filter(line => line.startsWith('RPC_INTERNAL')),
      [],
    )
  })
})
