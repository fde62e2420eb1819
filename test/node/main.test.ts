/** The daemon as a process: run from source, as a user and as systemd would run it. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { makeRoot } from './machine.ts'
import { ask } from './http/exchange.ts'

const MAIN = join(import.meta.dirname, '../../node/main.ts')
const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
)

type Running = { child: ChildProcess; out: string; err: string; ended: Promise<number | null> }
const started: ChildProcess[] = []
after(() => started.forEach(child => child.kill('SIGKILL')))

function start(program: string, args: string[], env = {}, passed: number[] = []): Running {
  const child: ChildProcess = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...passed],
  })
  started.push(child)
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const running = { child, out: '', err: '', ended }
  child.stdout!.setEncoding('utf8').on('data', text => (running.out += text))
  child.stderr!.setEncoding('utf8').on('data', text => (running.err += text))
  return running
}

const blocktree = (args: string[], env = {}) => start(process.execPath, [MAIN, ...args], env)

/** Waits until the node says something that matches; fails when it ends before. */
async function says(running: Running, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const match = pattern.exec(running.err)
    if (match) return match
    const more = once(running.child.stderr!, 'data').then(() => true)
    if (!(await Promise.race([more, running.ended.then(() => false)])))
      assert.fail(`ended without ${pattern}: ${running.err}`)
  }
}

describe('blocktree', () => {
  it('tells its version and explains itself', async () => {
    const rows = [
      [['--version'], `blocktree ${version}\n`],
      [[], /Usage: blocktree VERB/],
      [['node', 'run', '--help'], /--listen HOST:PORT[^]*Examples\n  blocktree node run/],
    ] as const
    for (const [args, expected] of rows) {
      const running = blocktree([...args])
      assert.equal(await running.ended, 0, args.join(' '))
      assert.ok(
        typeof expected === 'string' ? running.out === expected : expected.test(running.out),
      )
      assert.equal(running.err, '')
    }
  })

  it('refuses a wrong command line with 2, on standard error only', async () => {
    const rows = [
      [['staus'], /did you mean 'status'/],
      [['status', '--jsno'], /did you mean --json/],
      [['node', 'run', '--listen', 'nowhere'], /'nowhere', HOST:PORT expected/],
      [['health', '--within', 'soon'], /number of seconds/],
    ] as const
    for (const [args, expected] of rows) {
      const running = blocktree([...args])
      assert.equal(await running.ended, 2, args.join(' '))
      assert.match(running.err, expected)
      assert.equal(running.out, '')
    }
  })

  it('says how this machine is, in words and as JSON', async () => {
    const [words, json] = [blocktree(['status']), blocktree(['status', '--json'])]
    assert.deepEqual(await Promise.all([words.ended, json.ended]), [0, 0])
    const status = JSON.parse(json.out)
    assert.equal(status.version, version)
    for (const { title } of status.findings) assert.ok(words.out.includes(title), title)
  })

  it('is not healthy when nobody answers, and says where it asked', async () => {
    const unused = createServer().listen(0, '127.0.0.1')
    await once(unused, 'listening')
    const { port } = unused.address() as AddressInfo
    unused.close()
    const running = blocktree(['health', '--at', `127.0.0.1:${port}`, '--within', '0'])
    assert.equal(await running.ended, 1)
    assert.match(running.err, new RegExp(`not healthy: http://127.0.0.1:${port}/`))
  })
})

describe('blocktree node run', () => {
  it('serves the page, is healthy, and ends cleanly at SIGINT', async () => {
    const running = blocktree(['node', 'run', '--listen', '127.0.0.1:0'])
    const [, port = ''] = await says(running, /listening on http:\/\/127\.0\.0\.1:(\d+)\//)
    assert.match((await ask(Number(port), '/')).body, /<title>Blocktree<\/title>/)
    const script = await ask(Number(port), '/app.js')
    assert.match(script.body, /api\/status/)
    const health = blocktree(['health', '--at', `127.0.0.1:${port}`, '--within', '5'])
    assert.equal(await health.ended, 0, health.err)
    running.child.kill('SIGINT')
    assert.equal(await running.ended, 0)
  })

  it('says what to do when another program listens there', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const running = blocktree(['node', 'run', '--listen', `127.0.0.1:${port}`])
    assert.equal(await running.ended, 1)
    assert.match(running.err, /another program listens on .* --listen/)
    other.close()
  })

  it('listens on the socket that systemd passed, tells it everything, feeds the watchdog', async () => {
    const folder = makeRoot({
      'systemd-notify': '#!/bin/sh\n[ -z "$LISTEN_FDS" ] && echo "$@" >>"$RECORD"\n',
    })
    chmodSync(join(folder, 'systemd-notify'), 0o755)
    const record = join(folder, 'record')
    writeFileSync(record, '')
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle
    // systemd sets LISTEN_PID after its fork; a shell does it here before it becomes the node.
    const shell = 'LISTEN_PID=$$ exec "$0" "$1" node run'
    const env = {
      PATH: `${folder}:${process.env['PATH']}`,
      RECORD: record,
      LISTEN_FDS: '1',
      NOTIFY_SOCKET: '/run/systemd/notify',
      WATCHDOG_USEC: '200000',
    }
    const running = start('sh', ['-c', shell, process.execPath, MAIN], env, [fd])
    await says(running, new RegExp(`listening on http://127.0.0.1:${port}/`))
    server.close()
    assert.equal((await ask(port, '/healthz')).status, 200)
    while (!readFileSync(record, 'utf8').includes('WATCHDOG=1'))
      await new Promise(resolve => setTimeout(resolve, 20))
    running.child.kill('SIGTERM')
    assert.equal(await running.ended, 0, running.err)
    const lines = readFileSync(record, 'utf8').trim().split('\n')
    assert.equal(lines[0], 'READY=1')
    assert.equal(lines.at(-1), 'STOPPING=1')
    assert.deepEqual([...new Set(lines)], ['READY=1', 'WATCHDOG=1', 'STOPPING=1'])
    assert.doesNotMatch(running.err, /not fed/)
  })
})
