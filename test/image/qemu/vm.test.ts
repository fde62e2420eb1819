/** Machines without a disk: they start, are told things, end, and leave nothing behind. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { board } from '../../../board/qemu-x86_64.ts'
import { startVm, type Vm, type VmOptions } from '../../../image/qemu/vm.ts'
import type { Toolset } from '../../../image/toolset.ts'
import { qemuTools } from '../../boot/built.ts'
import { allGone, running } from './processes.ts'

describe('a machine', () => {
  let tools: Toolset
  let folder: string
  const top = mkdtempSync(join(tmpdir(), 'bt-vm-'))
  before(async () => {
    tools = await qemuTools()
  })
  beforeEach(() => {
    folder = mkdtempSync(join(top, 'm-'))
  })
  after(() => rmSync(top, { recursive: true }))

  async function start(more: Partial<VmOptions> = {}): Promise<Vm> {
    const vm = await startVm({
      ...{ tools, board, accel: 'tcg', secureBoot: false, vars: join(folder, 'vars.fd') },
      ...{ tpmState: join(folder, 'tpm'), log: join(folder, 'serial.log') },
      ...more,
    })
    vm.serial.resume()
    vm.console.resume()
    return vm
  }

  it('runs with its TPM until it is killed, and then nothing of it is left', async () => {
    const vm = await start()
    const [tpm] = (await vm.qmp.command('query-tpm')) as { model: string }[]
    assert.equal(tpm?.model, 'tpm-crb')
    assert.equal(running(folder).length, 2)
    assert.deepEqual(await vm.kill(), { how: 'killed', reason: 'SIGKILL' })
    assert.deepEqual(running(folder), [])
    const kept = ['serial.log', 'tpm', 'vars.fd']
    assert.deepEqual(readdirSync(folder).sort(), kept)
  })

  it('says through its serial port what it also logs', async () => {
    const vm = await start()
    let heard = ''
    vm.serial.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
    while (heard.length < 10) await once(vm.serial, 'data')
    await vm.kill()
    assert.equal(readFileSync(join(folder, 'serial.log'), 'latin1'), heard)
  })

  it('counts its resets', async () => {
    const events: string[] = []
    const vm = await start({ onEvent: ({ event }) => events.push(event) })
    assert.equal(vm.resets(), 0)
    for (let n = 1; n <= 3; n++) {
      await vm.qmp.command('system_reset')
      while (vm.resets() < n) await vm.qmp.command('query-status')
    }
    await vm.kill()
    assert.deepEqual(
      events.filter(event => event === 'RESET'),
      ['RESET', 'RESET', 'RESET'],
    )
  })

  it('loses its power when it does not react to the power button', async () => {
    const vm = await start()
    assert.equal(await vm.shutdown(200), false)
    assert.deepEqual(await vm.ended, { how: 'host', reason: 'host-qmp-quit' })
    assert.deepEqual(running(folder), [])
  })

  it('takes the first free port, or says which is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await assert.rejects(start({ ports: [port] }), {
      code: 'PORT_TAKEN',
      message: new RegExp(`port ${port} of 127\\.0\\.0\\.1.*--port`),
    })
    assert.deepEqual(running(folder), [])
    const vm = await start({ ports: [port, 0] })
    assert.ok(vm.port > 0 && vm.port !== port)
    await vm.kill()
    server.close()
  })

  it('does not start without its disk, and says so in QEMU’s words', async () => {
    const file = join(folder, 'no-such-disk')
    await assert.rejects(start({ disk: { file, format: 'raw' } }), {
      code: 'VM_START',
      message: /Could not open '.*no-such-disk'/,
    })
    assert.deepEqual(await allGone(folder), [])
  })

  it('does not start without tools, and says what is missing', async () => {
    await assert.rejects(start({ tools: { root: '/nonexistent', bin: '/nonexistent' } }), {
      code: 'VM_START',
      message: /the tool set has no usr\/share/,
    })
    await assert.rejects(start({ tools: { ...tools, bin: '/nonexistent' } }), {
      code: 'VM_START',
      message: /\/nonexistent\/qemu-system-x86_64/,
    })
  })

  it('does not start while another holds its TPM, which goes on', async () => {
    const first = await start()
    await assert.rejects(start(), { code: 'VM_START' })
    assert.equal(running(folder).length, 2)
    await first.kill()
  })

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    it(`ends with the process that runs it, also by ${signal}`, async () => {
      const parent = spawn(process.execPath, [
        join(import.meta.dirname, 'parent.ts'),
        ...[tools.root, tools.bin, folder],
      ])
      await once(parent.stdout, 'data')
      assert.equal(running(folder).length, 3)
      parent.kill(signal)
      assert.deepEqual(await allGone(folder), [])
    })

  it('ends with a process that dies while it starts', async () => {
    for (const ms of [0, 20, 50, 80, 110, 140, 200]) {
      const parent = spawn(process.execPath, [
        join(import.meta.dirname, 'parent.ts'),
        ...[tools.root, tools.bin, folder],
      ])
      await new Promise(resolve => setTimeout(resolve, 100 + ms))
      parent.kill('SIGKILL')
      assert.deepEqual(await allGone(folder), [], `killed after ${100 + ms} ms`)
    }
  })
})
