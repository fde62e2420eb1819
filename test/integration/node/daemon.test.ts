/** The daemon as a process: two on one directory, killed and started again, spoken to by programs. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { Client } from '../../../node/rpc/client.ts'
import { Daemon } from '../../harness/daemon.ts'
import { folder, prepareNode } from '../../harness/directory.ts'
import { done, run, says, start } from '../../harness/process.ts'
import { executable, SOURCE, type Program } from '../../harness/programs.ts'

const programs: Program[] = [SOURCE]
before(async () => void programs.push(await executable()))

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(Uint8Array.from(part))
  return Buffer.concat(parts)
}

for (const index of [0, 1])
  describe(`node run, ${['from source', 'the executable'][index]}`, () => {
    const program = () => programs[index]!

    it('makes a directory where there is none, and says who it is; nothing else on standard error', async () => {
      const path = join(folder(), 'new')
      const daemon = await Daemon.start(path, { program: program() })
      const client = await daemon.client()
      const { principal, root, pid } = await client.call('node.status', {})
      assert.deepEqual([root, pid], [undefined, daemon.pid])
      assert.equal(statSync(join(path, 'socket')).mode & 0o777, 0o600)
      assert.equal(await daemon.stop(), 0)
      assert.deepEqual(daemon.said.trim().split('\n'), [
        `made the node directory ${path}`,
        `serving ${path} as ${principal}`,
        `listening on ${daemon.url}`,
        'stopped by SIGTERM: ending',
      ])
      assert.equal(existsSync(join(path, 'socket')), false)
    })

    it('is refused a directory that another has, and says who', async () => {
      const { path } = await prepareNode()
      const daemon = await Daemon.start(path, { program: program() })
      const second = await run(['node', 'run', '--dir', path, '--listen', '127.0.0.1:0'], {
        program: program(),
      })
      assert.equal(second.code, 1)
      assert.match(second.err, new RegExp(`held by process ${daemon.pid}: end it first`))
      assert.ok((await (await daemon.client()).call('node.status', {})).root)
      assert.equal(await done(['ls'], { program: program(), dir: path }), '')
      await daemon.stop()
    })

    it('has after kill -9 whatever it said was written, and no half of anything', async () => {
      const { path } = await prepareNode()
      const daemon = await Daemon.start(path, { program: program() })
      const client = await daemon.client()
      const written = new Map<string, Buffer>()
      let more = true
      const writer = async (name: string) => {
        for (let i = 0; more; i++) {
          const bytes = randomBytes(1 + ((i * 70_001) % 500_000))
          await client.write({ path: `/ROOT/${name}${i}` }, [bytes])
          written.set(`${name}${i}`, bytes)
        }
      }
      const writers = ['a', 'b', 'c'].map(name => writer(name).catch(() => {}))
      while (written.size < 20) await new Promise(resolve => setTimeout(resolve, 5))
      await daemon.kill()
      more = false
      await Promise.all(writers)
      assert.ok(existsSync(join(path, 'socket')), 'a killed node leaves its socket')
      await daemon.restart()
      const again = await daemon.client()
      for (const [name, bytes] of written)
        assert.ok(bytes.equals(await collect(again.read({ path: `/ROOT/${name}` }))), name)
      const { entries } = await again.call('file.list', { path: '/ROOT' })
      for (const { name } of entries)
        if (!written.has(name)) await collect(again.read({ path: `/ROOT/${name}` }))
      assert.deepEqual((await again.call('check', {})).findings, [])
      assert.equal(await daemon.stop(), 0)
    })

    it('speaks JSON-RPC on standard input and output, logs as JSON, and ends with the input', async () => {
      const { path, principal } = await prepareNode()
      const started = start(['node', 'run', '--stdio'], {
        program: program(),
        dir: path,
        pipes: true,
      })
      const { stdin, stdout } = started.child
      const client = new Client({ input: stdout!, output: stdin! })
      await client.write({ path: '/ROOT/a' }, [Buffer.from('over a pipe')])
      assert.equal(String(await collect(client.read({ path: '/ROOT/a' }))), 'over a pipe')
      assert.equal((await client.call('node.status', {})).principal, principal)
      assert.equal(await done(['cat', '/ROOT/a'], { program: program(), dir: path }), 'over a pipe')
      client.close()
      assert.equal(await started.ended, 0)
      const lines = started.err.trim().split('\n')
      const events = lines.map(line => (JSON.parse(line) as { event: string }).event)
      assert.deepEqual(events, ['serving', 'ending'])
    })
  })

describe('several nodes', () => {
  it('run beside each other, each with its own tree', async () => {
    const nodes = await Promise.all([1, 2, 3].map(() => prepareNode()))
    const program = programs[1]!
    const daemons = await Promise.all(nodes.map(({ path }) => Daemon.start(path, { program })))
    await Promise.all(
      daemons.map(async (daemon, i) =>
        (await daemon.client()).write({ path: '/ROOT/who' }, [Buffer.from(`node ${i}`)]),
      ),
    )
    for (const [i, { path }] of nodes.entries())
      assert.equal(await done(['cat', '/ROOT/who'], { program, dir: path }), `node ${i}`)
    const other = await run(['cat', `/${nodes[1]!.root}/who`], { program, dir: nodes[0]!.path })
    assert.equal(other.code, 1)
    await Promise.all(daemons.map(daemon => daemon.stop()))
  })
})

describe('node run as a service', () => {
  const env = (path: string) => ({ STATE_DIRECTORY: path, HOME: '/nonexistent' })
  const listen = ['node', 'run', '--listen', '127.0.0.1:0']

  it('takes the folder that systemd made', async () => {
    const path = folder()
    const started = start(listen, { program: programs[1]!, env: env(path) })
    await says(started, /listening/)
    assert.ok(existsSync(join(path, 'credentials')))
    started.child.kill()
    assert.equal(await started.ended, 0)
  })

  it('still serves the page when its directory is damaged, and without one', async () => {
    const path = folder()
    mkdirSync(join(path, 'store'))
    writeFileSync(join(path, 'credentials'), 'nonsense', { mode: 0o600 })
    writeFileSync(join(path, 'config.json'), '{"v":1}')
    for (const [extra, said] of [
      [env(path), /can't be used: .*credentials/],
      [{}, /no node directory at .*\.blocktree, only the page/],
    ] as const) {
      const started = start(listen, { program: programs[1]!, env: extra })
      const [, url = ''] = await says(started, /listening on (\S+)/)
      assert.match(started.err, said)
      assert.match(await (await fetch(url)).text(), /<title>Blocktree<\/title>/)
      started.child.kill()
      assert.equal(await started.ended, 0)
    }
    assert.equal(readFileSync(join(path, 'credentials'), 'utf8'), 'nonsense')
  })
})
