/** Whether KVM is used is found out by booting something, and the answer stays the same. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Board } from '../../../board/board.ts'
import { board } from '../../../board/qemu-x86_64.ts'
import { CACHE } from '../../../image/paths.ts'
import { chooseAccel, kvmVerdict, noteKvmFailure, probe } from '../../../image/qemu/kvm.ts'
import type { Toolset } from '../../../image/toolset.ts'
import { qemuTools } from '../../boot/built.ts'

const foreign: Board = { ...board, arch: process.arch === 'arm64' ? 'x86_64' : 'aarch64' }

describe('KVM', () => {
  let tools: Toolset
  const cache = mkdtempSync(join(tmpdir(), 'bt-kvm-'))
  const file = join(cache, `kvm-${board.arch}.json`)
  before(async () => {
    tools = await qemuTools()
  })
  after(() => rmSync(cache, { recursive: true }))

  it('is probed with a firmware that an emulator runs to its end', async () => {
    assert.deepEqual(await probe(tools, board, 'tcg'), { works: true, reason: '' })
  })

  it('is not used when the firmware does not run', async () => {
    const absurd = { ...board, qemu: { ...board.qemu, cpu: 'no-such-processor' } }
    const verdict = await probe(tools, absurd, 'tcg')
    assert.equal(verdict.works, false)
    assert.match(verdict.reason, /no-such-processor/)
  })

  it('has one verdict, which is kept', async () => {
    const shared = await kvmVerdict(tools, board, CACHE)
    const verdict = await kvmVerdict(tools, board, cache)
    assert.equal(verdict.works, shared.works)
    assert.deepEqual(await kvmVerdict(tools, board, cache), verdict)
    const { accel } = await chooseAccel(tools, board, undefined, cache)
    assert.equal(accel, verdict.works ? 'kvm' : 'tcg')
  })

  it('is not used again after it failed with a guest', async () => {
    noteKvmFailure(tools, board, cache, 'it broke')
    assert.deepEqual(await kvmVerdict(tools, board, cache), { works: false, reason: 'it broke' })
    await assert.rejects(chooseAccel(tools, board, 'kvm', cache), {
      code: 'KVM_UNUSABLE',
      message: /it broke; leave it out to emulate/,
    })
  })

  it('is probed anew with other tools, after a restart, and when the file is damaged', async () => {
    const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    const changes = [
      JSON.stringify({ ...known, tools: '/other' }),
      JSON.stringify({ ...known, boot: 'another' }),
      JSON.stringify({ ...known, works: 'yes' }),
      '{"works": tru',
    ]
    // A board of another architecture is refused without a probe: the file alone decides here.
    const other = join(cache, `kvm-${foreign.arch}.json`)
    for (const text of changes) {
      writeFileSync(other, text)
      const { reason } = await kvmVerdict(tools, foreign, cache)
      assert.match(reason, /^this machine is \w+, the board is/)
    }
  })

  it('is left alone when emulation is asked for', async () => {
    const choice = await chooseAccel({ root: '/none', bin: '/none' }, board, 'tcg', '/none')
    assert.deepEqual(choice, { accel: 'tcg', verdict: undefined })
  })
})
