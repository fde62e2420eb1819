/** What a machine keeps between runs, and when it begins anew. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { openDisk, openState } from '../../../image/qemu/state.ts'
import { run } from '../../../image/spawn.ts'
import type { Toolset } from '../../../image/toolset.ts'
import { qemuTools } from '../../boot/built.ts'

describe('the state of a machine', () => {
  let tools: Toolset
  let folder: string
  let image: string
  const top = mkdtempSync(join(tmpdir(), 'bt-state-'))
  before(async () => {
    tools = await qemuTools()
  })
  beforeEach(() => {
    folder = join(mkdtempSync(join(top, 's-')), 'run')
    image = join(folder, '..', 'image')
    writeFileSync(image, Buffer.alloc(2 ** 20, 7))
  })
  after(() => rmSync(top, { recursive: true }))

  const open = (more: object = {}) =>
    openState({ tools, folder, image, diskMiB: 8, fresh: false, ...more })
  const info = async (file: string) =>
    JSON.parse(
      `${(await run(join(tools.bin, 'qemu-img'), ['info', '--output=json', file])).stdout}`,
    )

  it('has a disk of the board’s size over the image, which is never written', async () => {
    const state = await open()
    assert.equal(state.fresh, 'first run')
    assert.equal((await info(state.disk.file))['virtual-size'], 8 * 2 ** 20)
    const before = readFileSync(image)
    const write = ['-f', 'qcow2', '-c', 'write -P 9 0 4k', '-c', 'read -v 4k 16', state.disk.file]
    const { stdout } = await run(join(tools.bin, 'qemu-io'), write)
    assert.match(`${stdout}`, /07 07 07 07/)
    assert.deepEqual(readFileSync(image), before)
    state.release()
  })

  it('goes on where it was, unless the image changed or it is asked to forget', async () => {
    const keep = (name: string) => join(folder, name)
    const first = await open()
    mkdirSync(first.tpm)
    writeFileSync(first.vars, 'vars')
    first.release()

    const second = await open()
    assert.equal(second.fresh, undefined)
    assert.equal(readFileSync(second.vars, 'utf8'), 'vars')
    second.release()

    utimesSync(image, 1, 1)
    const third = await open()
    assert.equal(third.fresh, 'the image has changed')
    assert.deepEqual([existsSync(keep('vars.fd')), existsSync(keep('tpm'))], [false, false])
    third.release()

    const fourth = await open({ fresh: true })
    assert.equal(fourth.fresh, 'as asked')
    fourth.release()
  })

  it('begins anew when it was cut off while it was made', async () => {
    ;(await open()).release()
    rmSync(join(folder, 'image.json'))
    writeFileSync(join(folder, 'disk.qcow2'), 'half')
    const state = await open()
    assert.equal((await info(state.disk.file))['virtual-size'], 8 * 2 ** 20)
    state.release()
  })

  it('refuses an image larger than the disk', async () => {
    await assert.rejects(open({ diskMiB: 0.5 }), { code: 'DISK_BAD', message: /0\.5 MiB/ })
    // And lets the folder go.
    ;(await open()).release()
  })

  it('belongs to one machine at a time', async () => {
    const state = await open()
    const message = new RegExp(`process ${process.pid}\\); stop it first`)
    await assert.rejects(open(), { code: 'STATE_IN_USE', message })
    state.release()
    ;(await open()).release()
  })

  it('is taken over from a process that is gone, or whose number another has now', async () => {
    mkdirSync(folder, { recursive: true })
    for (const lock of ['4194305 123\n', `${process.pid} 1\n`, '', 'nonsense\n']) {
      writeFileSync(join(folder, 'lock'), lock)
      ;(await open()).release()
    }
  })

  it('takes a disk of the user’s as it is', async () => {
    const qcow = join(folder, '..', 'disk.qcow2')
    await run(join(tools.bin, 'qemu-img'), ['create', '-q', '-f', 'qcow2', qcow, '4M'])
    const first = openDisk(folder, qcow, false)
    assert.deepEqual(first.disk, { file: qcow, format: 'qcow2' })
    const second = openDisk(folder, image, false)
    assert.equal(second.disk.format, 'raw')
    assert.notEqual(first.tpm, second.tpm)
    first.release()
    second.release()
  })

  it('refuses a disk that is not there', () => {
    for (const path of [join(folder, 'none'), tmpdir()])
      assert.throws(() => openDisk(folder, path, false), { code: 'DISK_BAD', message: /--disk/ })
  })
})
