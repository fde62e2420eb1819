/** What the daemon answers over HTTP, byte for byte as clients see it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { AddressInfo } from 'node:net'
import { createApp } from '../../../node/http/app.ts'
import { loadAssets } from '../../../node/http/assets.ts'
import { serve, type Listening } from '../../../node/http/server.ts'
import { collectStatus } from '../../../node/status/collect.ts'
import { makeMachine, ROUTER, ROUTER_ADDRESSES } from '../machine.ts'
import { ask, exchange } from './exchange.ts'

const machine = makeMachine(ROUTER, () => ROUTER_ADDRESSES)
let broken = false
let listening: Listening
let port: number

before(async () => {
  const assets = await loadAssets(name => Buffer.from(`bytes of ${name}`))
  const status = () => {
    if (broken) throw new Error('secret reason')
    return collectStatus(machine, '1.2.3')
  }
  listening = await serve(createApp({ assets, status }), [{ host: '127.0.0.1', port: 0 }])
  port = (listening.addresses[0] as AddressInfo).port
})
after(() => listening.close(0))

describe('the web app’s files', () => {
  it('are served with their types', async () => {
    const rows = [
      ['/', 'text/html; charset=utf-8', 'index.html'],
      ['/app.css', 'text/css; charset=utf-8', 'app.css'],
      ['/app.js', 'text/javascript; charset=utf-8', 'app.js'],
      ['/icon.svg', 'image/svg+xml', 'icon.svg'],
    ] as const
    for (const [path, type, name] of rows) {
      const { status, headers, body } = await ask(port, path)
      assert.deepEqual([status, headers['content-type'], body], [200, type, `bytes of ${name}`])
      assert.equal(headers['cache-control'], 'no-cache')
    }
  })

  it('are not sent again to a browser that has them (RFC 9110, 13.1.2)', async () => {
    const { headers } = await ask(port, '/app.js')
    const etag = headers['etag']!
    for (const sent of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, body } = await ask(port, '/app.js', { 'If-None-Match': sent })
      assert.deepEqual([status, body], [304, ''], sent)
    }
    for (const sent of ['"other"', etag.slice(1), ''])
      assert.equal((await ask(port, '/app.js', { 'If-None-Match': sent })).status, 200, sent)
  })

  it('have tags that differ when the bytes do', async () => {
    const one = await loadAssets(() => Buffer.from('one'))
    const two = await loadAssets(() => Buffer.from('two'))
    assert.notEqual(one.get('/')!.etag, two.get('/')!.etag)
  })

  it('answer HEAD with the same headers and no body', async () => {
    const [get, head] = [await ask(port, '/'), await ask(port, '/', {}, 'HEAD')]
    assert.equal(head.body, '')
    assert.deepEqual({ ...head.headers, date: '' }, { ...get.headers, date: '' })
  })
})

describe('the API', () => {
  it('tells the status, never from a cache', async () => {
    const { status, headers, body } = await ask(port, '/api/status')
    assert.deepEqual([status, headers['cache-control']], [200, 'no-store'])
    assert.equal(headers['content-type'], 'application/json')
    assert.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(collectStatus(machine, '1.2.3'))))
  })

  it('tells health', async () => {
    const { status, body } = await ask(port, '/healthz')
    assert.deepEqual([status, JSON.parse(body)], [200, { healthy: true, version: '1.2.3' }])
  })

  it('says 500 and nothing about the reason when the status cannot be told', async () => {
    broken = true
    try {
      for (const path of ['/healthz', '/api/status', '/']) {
        const { status, headers, body } = await ask(port, path)
        assert.equal(status, 500)
        assert.ok(!body.includes('secret'))
        assert.equal(headers['x-content-type-options'], 'nosniff')
      }
    } finally {
      broken = false
    }
  })
})

describe('refusals', () => {
  it('answer 404 to every other path', async () => {
    const paths = [
      '/nope',
      '/index.html',
      '/api',
      '/api/status/',
      '//',
      '/../etc/passwd',
      '/app.js/',
    ]
    for (const path of [...paths, '/APP.JS', '/web/app.js', '/%2e%2e/app.css%00'])
      assert.equal((await ask(port, path)).status, 404, path)
  })

  it('answer 405 with Allow to every other method', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const { status, headers } = await ask(port, '/', {}, method)
      assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD'], method)
    }
  })

  it('answer 421 to names that are not this device’s (DNS rebinding)', async () => {
    for (const Host of ['evil.example', 'evil.example:80', '', 'blocktree-7c1e.evil.example'])
      assert.equal((await ask(port, '/api/status', { Host })).status, 421, Host)
    for (const Host of ['blocktree-7c1e', 'BLOCKTREE-7c1e.local', 'localhost:7707', '[::1]'])
      assert.equal((await ask(port, '/api/status', { Host })).status, 200, Host)
  })

  it('go by the absolute target and by Host alike (RFC 9112, 3.2.2)', async () => {
    assert.equal((await ask(port, 'http://evil.example/healthz')).status, 421)
    assert.equal((await ask(port, 'http://localhost/healthz')).status, 200)
    assert.equal(
      (await ask(port, 'http://localhost/healthz', { Host: 'evil.example' })).status,
      421,
    )
    assert.equal((await ask(port, '*')).status, 400)
    assert.equal((await ask(port, 'http://u:p@evil.example/', { Host: 'localhost' })).status, 421)
  })

  it('answer 413 to a body and close, so that it need not be read', async () => {
    const bodies = [
      { 'Content-Length': '5' },
      { 'Content-Length': '999999999999' },
      { 'Transfer-Encoding': 'chunked' },
    ]
    for (const headers of bodies) {
      const { status, headers: answered } = await ask(port, '/', {
        Connection: 'keep-alive',
        ...headers,
      })
      assert.deepEqual([status, answered['connection']], [413, 'close'], JSON.stringify(headers))
    }
    assert.equal((await ask(port, '/', { 'Content-Length': '0' })).status, 200)
  })

  it('answer 431 to more than 8 KiB of headers, 400 to what is no HTTP', async () => {
    assert.equal((await ask(port, '/', { 'X-Long': 'x'.repeat(9000) })).status, 431)
    assert.equal((await ask(port, `/${'x'.repeat(9000)}`)).status, 431)
    assert.equal((await exchange(port, 'hello\r\n\r\n')).status, 400)
    assert.equal((await exchange(port, 'GET / HTTP/1.1\r\n\r\n')).status, 400)
    const twice =
      'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'
    assert.equal((await exchange(port, twice)).status, 400)
  })

  it('are said in words and carry the same protections as the page', async () => {
    const page = await ask(port, '/')
    for (const answer of [
      await ask(port, '/nope'),
      await ask(port, '/', {}, 'POST'),
      await ask(port, '/', { Host: 'evil.example' }),
      await ask(port, '/', { 'Content-Length': '1' }),
    ]) {
      assert.match(answer.body, /^[A-Z].*\.\n$/)
      assert.equal(answer.headers['cache-control'], 'no-store')
      for (const name of Object.keys(page.headers).filter(each =>
        /policy|sniff|options/.test(each),
      ))
        assert.equal(answer.headers[name], page.headers[name], name)
    }
  })
})

describe('protections', () => {
  it('let the page use its own files and nothing else', async () => {
    const { headers } = await ask(port, '/')
    const policy = headers['content-security-policy']!
    const rules = policy.split('; ').map(rule => rule.split(' '))
    assert.deepEqual(rules[0], ['default-src', "'none'"])
    for (const [name, ...sources] of rules)
      assert.ok(
        sources.every(source => ["'self'", "'none'", "'script'"].includes(source)),
        name,
      )
    for (const name of ['base-uri', 'form-action', 'frame-ancestors'])
      assert.ok(policy.includes(`${name} 'none'`), name)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
  })
})
