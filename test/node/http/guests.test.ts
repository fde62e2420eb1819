/** Bounds on connections, seen from addresses of the loopback network that are not the node's own. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { limitGuests } from '../../../node/http/guests.ts'

const server = createServer(socket => {
  socket.on('error', () => {})
  setImmediate(() => socket.destroyed || socket.write('welcome'))
})
let held: Socket[] = []

before(async () => {
  limitGuests([server])
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
beforeEach(async () => {
  const gone = held.map(socket => socket.closed || once(socket.destroy(), 'close'))
  held = []
  await Promise.all(gone)
  // The server hears of it a little later.
  while ((await connections()) > 0) await new Promise(setImmediate)
})
after(() => {
  held.forEach(socket => socket.destroy())
  server.close()
})

const connections = () =>
  new Promise<number>((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )

/** True when the server lets a connection from `localAddress` in. */
async function enter(localAddress: string): Promise<boolean> {
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  held.push(socket)
  socket.on('error', () => {})
  return Promise.race([
    once(socket, 'data').then(() => true),
    once(socket, 'close').then(() => false),
  ])
}

async function enterMany(count: number, localAddress: (index: number) => string): Promise<number> {
  const entered = Array.from({ length: count }, (_, index) => enter(localAddress(index)))
  return (await Promise.all(entered)).filter(Boolean).length
}

describe('limitGuests', () => {
  it('lets one address hold 64 connections, and another still in', async () => {
    assert.equal(await enterMany(80, () => '127.0.0.2'), 64)
    assert.equal(await enter('127.0.0.3'), true)
  })

  it('lets all addresses together hold 256, and the node itself always in', async () => {
    assert.equal(await enterMany(300, index => `127.0.1.${index % 10}`), 256)
    assert.equal(await enter('127.0.0.9'), false)
    assert.equal(await enter('127.0.0.1'), true)
  })

  it('forgets connections that ended', async () => {
    assert.equal(await enterMany(64, () => '127.0.0.4'), 64)
    held[0]!.destroy()
    while ((await connections()) > 63) await new Promise(setImmediate)
    assert.equal(await enterMany(2, () => '127.0.0.4'), 1)
  })
})
