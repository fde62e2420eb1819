import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { readSerial } from '../../../image/qemu/serial-text.ts'

describe('the serial port as text', () => {
  it('gives the last lines without colours', () => {
    const stream = new PassThrough()
    const serial = readSerial(stream)
    stream.write('\x1b[2J\x1b[01;01Hone\r\n\r\n\x1b[1mtwo ü\x1b[0m\r\nthree')
    assert.deepEqual(serial.last(2), ['two ü', 'three'])
    assert.deepEqual(serial.last(9), ['one', 'two ü', 'three'])
  })

  it('sees a panic however it is cut, once its line is whole', async () => {
    const text =
      'x\r\n[    9.1] Kernel panic - not syncing: dm-verity device corrupted\r\nCPU: 0\r\n'
    for (const size of [1, 7, 64, text.length]) {
      const stream = new PassThrough()
      const serial = readSerial(stream)
      for (let at = 0; at < text.length; at += size) stream.write(text.slice(at, at + size))
      const line = 'Kernel panic - not syncing: dm-verity device corrupted'
      assert.equal(await serial.panicked, line)
      assert.equal(serial.bytes(), text.length)
    }
  })

  it('counts reports of stalls, however they are cut', () => {
    const text = '[ 22.1] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\r\nx\r\n'
    for (const size of [1, 10, 1000]) {
      const stream = new PassThrough()
      const serial = readSerial(stream)
      const all = text.repeat(3)
      for (let at = 0; at < all.length; at += size) stream.write(all.slice(at, at + size))
      assert.equal(serial.stalls(), 3)
    }
  })

  it('keeps a bounded part of what a guest says', () => {
    const stream = new PassThrough()
    const serial = readSerial(stream)
    for (let n = 0; n < 2000; n++) stream.write(`line ${n} ${'.'.repeat(90)}\n`)
    const lines = serial.last(100_000)
    assert.ok(lines.length < 1000, `${lines.length}`)
    assert.match(lines.at(-1)!, /^line 1999/)
  })
})
