/** Calls over real connections: answers, errors, streams with back-pressure, cancelling, the end. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { createHash, randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../../../node/rpc/client.ts'
import { connect, serveSocket } from '../../../node/rpc/socket.ts'
import { serve } from '../../../node/rpc/serve.ts'
import { local, memory, served } from './service.ts'

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(Uint8Array.from(part))
  return Buffer.concat(parts)
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(2)
}

describe('a call', () => {
  it('is answered, over a socket, pipes and inside the process', async () => {
    const { service, socket, path } = await served()
    service.files.set('/a', Buffer.from('abc'))
    const [up, down] = [new PassThrough(), new PassThrough()]
    serve({ input: up, output: down }, service)
    const piped = new Client({ input: down, output: up })
    for (const client of [await connect(path), piped, local(service)]) {
      const { size } = await client.call('file.stat', { path: '/a' })
      assert.equal(size, 3)
      client.close()
      await client.ended
    }
    await socket.close(1000)
  })

  it('fails with the code and words of whoever could not do it', async () => {
    const client = local(memory())
    await assert.rejects(client.call('file.stat', { path: '/gone' }), {
      code: 'RPC_FAILED',
      reason: 'TREE_NOT_FOUND',
      message: 'nothing is at /gone',
    })
  })

  it('does not tell the caller about mistakes in the program, but the log', async () => {
    const { path, log, socket } = await served()
    const client = await connect(path)
    await assert.rejects(client.call('file.stat', { path: '/bug' }), (error: Error) => {
      assert.match(error.message, /mistake in the program/)
      assert.doesNotMatch(error.message, /undefined/)
      return true
    })
    assert.match(log.join(), /RPC_INTERNAL TypeError: .*undefined/)
    await socket.close(1000)
  })

  it('is refused for parameters it does not take, naming the field', async () => {
    const client = local(memory())
    const rows: [string, object | undefined, string, RegExp][] = [
      ['file.stat', {}, 'RPC_PARAMS', /file\.stat\.path: is missing/],
      ['file.stat', { path: 5 }, 'RPC_PARAMS', /path: found a number, expected text/],
      ['file.stat', { path: '' }, 'RPC_PARAMS', /path/],
      ['file.stat', { path: '/a', deep: 1 }, 'RPC_PARAMS', /deep: is not known; known are path/],
      ['file.stat', { path: '/\ud800' }, 'RPC_PARAMS', /surrogate/],
      ['file.stat', { path: 'x'.repeat(17_001) }, 'RPC_PARAMS', /17001|at most 17000/],
      ['file.read', { path: '/a', stream: -1 }, 'RPC_PARAMS', /stream: found -1/],
      ['file.read', { path: '/a', stream: 2 ** 32 }, 'RPC_PARAMS', /stream/],
      ['file.read', { path: '/a', stream: 1, offset: 0.5 }, 'RPC_PARAMS', /offset/],
      ['access.share', { path: '/a', to: 'k51' }, 'RPC_PARAMS', /principal/],
      ['lease.take', { path: '/a', ms: 1 }, 'RPC_PARAMS', /ms: found 1, expected 1000 to/],
      ['file.keep', { path: '/a', version: 'XY' }, 'RPC_PARAMS', /version/],
      ['file.fly', {}, 'RPC_METHOD', /no method file\.fly/],
      ['toString', {}, 'RPC_METHOD', /no method toString/],
      ['__proto__', {}, 'RPC_METHOD', /no method __proto__/],
    ]
    for (const [method, params, code, message] of rows)
      await assert.rejects(client.call(method as never, params as never), { code, message })
  })

  it('that is cancelled stops in the service too', async () => {
    const service = memory()
    const client = local(service)
    const stop = new AbortController()
    const call = client.call('file.stat', { path: '/slow' }, { signal: stop.signal })
    await client.call('check', {})
    stop.abort(new Error('enough'))
    await assert.rejects(call, { message: 'enough' })
    assert.deepEqual(service.log, ['/slow stopped'])
  })

  it('that takes too long is given up', async () => {
    const service = memory()
    const client = local(service, { callMs: 30 })
    await assert.rejects(client.call('file.stat', { path: '/slow' }), { code: 'RPC_TIMEOUT' })
    assert.deepEqual(service.log, ['/slow stopped'])
  })

  it('fails when the node goes, and so do later ones', async () => {
    const { path, socket } = await served()
    const client = await connect(path)
    const call = client.call('file.stat', { path: '/slow' })
    await client.call('check', {})
    await socket.close(1000)
    await assert.rejects(call, { code: 'RPC_CLOSED' })
    await assert.rejects(client.call('node.status', {}), { code: 'RPC_CLOSED' })
    await assert.rejects(connect(path), { code: 'RPC_SOCKET', message: /no node answers at/ })
  })

  it('tells how far it is, and what happens', async () => {
    const client = local(memory())
    const seen: unknown[] = []
    const onProgress = (...at: unknown[]) => void seen.push(at)
    assert.equal((await client.long('check', {}, { onProgress })).blocks, 2)
    assert.deepEqual(seen, [
      [1, 'store'],
      [2, undefined],
    ])
    const stop = new AbortController()
    const changes: unknown[] = []
    await client.watch(
      '/a',
      change => {
        changes.push(change)
        stop.abort()
      },
      stop.signal,
    )
    assert.equal(changes.length, 1)
  })
})

describe('streams', () => {
  it('carry bytes both ways unchanged, many at once', async () => {
    const { service, socket, path } = await served()
    const client = await connect(path)
    const sizes = [0, 1, 65_536, 65_537, 262_144, 262_145, 3_000_000, 777]
    const contents = sizes.map(size => randomBytes(size))
    await Promise.all(
      contents.map(async (bytes, i) => {
        const { size } = await client.write({ path: `/${i}` }, cut(bytes, 1 + i * 7777))
        assert.equal(size, bytes.length)
      }),
    )
    const read = await Promise.all(contents.map((_, i) => collect(client.read({ path: `/${i}` }))))
    assert.deepEqual(read.map(digest), contents.map(digest))
    assert.equal(service.files.size, sizes.length)
    const part = await collect(client.read({ path: '/6', offset: 70_000, length: 1_000_000 }))
    assert.deepEqual(part, contents[6]!.subarray(70_000, 1_070_000))
    await socket.close(1000)
  })

  it('stop the sender when the receiver is slow', async () => {
    const service = memory()
    service.files.set('/big', new Uint8Array(50_000_000))
    let asked = 0
    const bytes = service.files.get('/big')!
    const subarray = bytes.subarray.bind(bytes)
    bytes.subarray = (from, to) => ((asked = from!), subarray(from, to))
    const client = local(service)
    const reading = client.read({ path: '/big' })
    await reading.next()
    await sleep(50)
    assert.ok(asked < 1_000_000, `${asked} bytes were sent before anybody wanted them`)
    await reading.return(undefined as never)
    await until(() => service.log.length > 0)
    assert.deepEqual(service.log, ['read of /big broke off'])
    assert.ok((await client.call('check', {})).blocks > 0)
  })

  it('of tiny pieces do not stall, nor cost much memory', async () => {
    const client = local(memory())
    const bytes = randomBytes(600_000)
    assert.equal((await client.write({ path: '/a' }, cut(bytes, 10))).size, bytes.length)
    assert.deepEqual(await collect(client.read({ path: '/a' })), bytes)
  })

  it('leave nothing behind when the source fails, the caller stops or goes', async () => {
    const { service, socket, path } = await served()
    const client = await connect(path)
    async function* failing() {
      yield randomBytes(100_000)
      await client.call('check', {})
      throw new Error('the tape is torn')
    }
    await assert.rejects(client.write({ path: '/a' }, failing()), { message: 'the tape is torn' })
    assert.deepEqual(service.log, ['write of /a broke off'])

    const stop = new AbortController()
    async function* endless() {
      for (let i = 0; ; i++) {
        if (i === 5) stop.abort(new Error('Ctrl-C'))
        yield randomBytes(10_000)
        await sleep(1)
      }
    }
    const stopped = client.write({ path: '/b' }, endless(), { signal: stop.signal })
    await assert.rejects(stopped, { message: 'Ctrl-C' })
    const gone = await connect(path)
    const left = gone.write({ path: '/c' }, endless()).catch((error: Error) => error)
    await sleep(20)
    gone.close()
    assert.equal(((await left) as { code?: string }).code, 'RPC_CLOSED')
    await until(() => service.log.length === 3)
    assert.deepEqual([...service.files.keys()], [])
    await socket.close(1000)
  })

  it('of a call that fails end with its error', async () => {
    const client = local(memory())
    const refused = { code: 'RPC_FAILED', reason: 'TREE_NOT_FOUND' }
    await assert.rejects(collect(client.read({ path: '/gone' })), refused)
  })

  it('are not more than a connection may have', async () => {
    const client = local(memory(), { streams: 2 })
    const gate = Promise.withResolvers<void>()
    async function* waiting() {
      yield randomBytes(10)
      await gate.promise
    }
    const writes = [1, 2].map(i => client.write({ path: `/${i}` }, waiting()))
    await assert.rejects(client.write({ path: '/3' }, waiting()), { code: 'RPC_BUSY' })
    gate.resolve()
    await Promise.all(writes)
    await client.write({ path: '/3' }, [])
  })
})

describe('the socket', () => {
  it('is for its owner only, and is replaced when an earlier node was killed', async () => {
    const { path, socket } = await served()
    assert.equal(statSync(path).mode & 0o777, 0o600)
    await socket.close(1000)
    await assert.rejects(connect(path), { code: 'RPC_SOCKET' })
    writeFileSync(path, '')
    const again = await serveSocket(path, memory())
    await (await connect(path)).call('check', {})
    await again.close(1000)
  })

  it('works below a path that is longer than the kernel takes', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'rpc-')), 'x'.repeat(120))
    mkdirSync(folder)
    const socket = await serveSocket(join(folder, 'socket'), memory())
    await (await connect(join(folder, 'socket'))).call('check', {})
    await socket.close(1000)
  })

  it('says why there can be none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rpc-'))
    const missing = join(folder, 'missing', 'socket')
    await assert.rejects(serveSocket(missing, memory()), { code: 'RPC_SOCKET' })
    chmodSync(folder, 0o700)
  })

  it('is left by whoever goes away: what runs for him ends', async () => {
    const { path, service, socket } = await served()
    const client = await connect(path)
    const slow = client.call('file.stat', { path: '/slow' }).catch(() => {})
    await client.call('check', {})
    client.close()
    await slow
    await until(() => service.log.includes('/slow stopped'))
    await socket.close(1000)
  })
})

describe('a pipe', () => {
  it('gives the answers to calls that were made before the caller stopped talking', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const service = memory()
    service.files.set('/a', Buffer.from('abc'))
    const { ended } = serve({ input, output }, service, { atEnd: 'answer' })
    const call = (id: number, method: string, params: object) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id, method, params })
      input.write(`Content-Length: ${body.length}\r\n\r\n${body}`)
    }
    call(1, 'watch.open', { path: '/a', watch: 1 })
    call(2, 'file.write', { path: '/b', stream: 1 })
    call(3, 'file.stat', { path: '/a' })
    input.end()
    await ended
    const said = String(output.read())
    assert.match(said, /"id":3,"result":\{"path":"\/a","size":3\}/)
    assert.match(said, /"id":2,"error"/)
    assert.match(said, /"id":1,"error"/)
    assert.deepEqual(service.log, ['write of /b broke off'])
  })
})

function* cut(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
