/** The QMP client: against the real QEMU, and against a peer that means no good. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { duplexPair, type Duplex } from 'node:stream'
import { before, describe, it } from 'node:test'
import { startTied } from '../../../image/qemu/child.ts'
import { MAX_LINE_BYTES, Qmp, type QmpEvent } from '../../../image/qemu/qmp.ts'
import type { Toolset } from '../../../image/toolset.ts'
import { qemuTools } from '../../boot/built.ts'

describe('QMP with QEMU', () => {
  let tools: Toolset
  before(async () => {
    tools = await qemuTools()
  })

  function bare() {
    return startTied(
      join(tools.bin, 'qemu-system-x86_64'),
      [
        ...['-machine', 'none', '-S', '-nodefaults', '-display', 'none'],
        ...['-chardev', 'socket,id=qmp,fd=3', '-mon', 'chardev=qmp,mode=control'],
      ],
      ['pipe'],
    )
  }

  it('negotiates, asks, hears events and sees the end', async () => {
    const qemu = bare()
    const events: QmpEvent[] = []
    const qmp = await Qmp.open(qemu.child.stdio[3] as Duplex, event => events.push(event))
    assert.deepEqual(await qmp.command('query-status'), { status: 'prelaunch', running: false })
    const answers = await Promise.all([1, 2, 3].map(() => qmp.command('query-name')))
    assert.deepEqual(answers, [{}, {}, {}])
    await qmp.command('quit')
    assert.equal((await qmp.closed).code, 'QMP_CLOSED')
    assert.equal((await qemu.ended).status, 0)
    assert.deepEqual(
      events.map(({ event, data }) => [event, data['reason']]),
      [['SHUTDOWN', 'host-qmp-quit']],
    )
    assert.ok(events[0]!.time > 1.7e9, 'events carry the time')
    await assert.rejects(qmp.command('query-status'), { code: 'QMP_CLOSED' })
  })

  it("gives QEMU's own words when a command is refused, and goes on", async () => {
    const qemu = bare()
    const qmp = await Qmp.open(qemu.child.stdio[3] as Duplex)
    await assert.rejects(qmp.command('no-such-command'), {
      code: 'QMP_REFUSED',
      message: /The command no-such-command has not been found/,
    })
    assert.deepEqual(await qmp.command('query-name'), {})
    await qmp.command('quit')
    await qemu.ended
  })

  it('gives up waiting when QEMU is killed', async () => {
    const qemu = bare()
    const qmp = await Qmp.open(qemu.child.stdio[3] as Duplex)
    process.kill(-qemu.child.pid!, 'SIGKILL')
    await assert.rejects(
      (async () => {
        for (;;) await qmp.command('query-status')
      })(),
      { code: 'QMP_CLOSED' },
    )
    assert.equal((await qemu.ended).signal, 'SIGKILL')
  })
})

describe('QMP with a hostile peer', () => {
  const GREETING = '{"QMP": {"version": {}, "capabilities": []}}\n'

  /** A client that has negotiated, and the peer's end of its connection. */
  async function negotiated(onEvent?: (event: QmpEvent) => void) {
    const [near, far] = duplexPair()
    far.write(GREETING)
    far.once('data', line => far.write(`{"return": {}, "id": "${JSON.parse(`${line}`).id}"}\n`))
    return { qmp: await Qmp.open(near, onEvent), far }
  }

  const BAD: [string, string | Buffer][] = [
    ['text', 'hello\n'],
    ['half an object', '{"return": {}\n'],
    ['a number', '7\n'],
    ['null', 'null\n'],
    ['an array', '[{"return": {}, "id": "2"}]\n'],
    ['an answer to nothing', '{"return": {}, "id": "99"}\n'],
    ['an answer without id', '{"return": {}}\n'],
    ['an id of another type', '{"return": {}, "id": 2}\n'],
    ['an id that objects inherit', '{"return": {}, "id": "__proto__"}\n'],
    ['neither return nor error', '{"id": "2"}\n'],
    ['an error that is text', '{"error": "no", "id": "2"}\n'],
    ['an event without a name', '{"event": 1, "data": {}}\n'],
    ['an event with a list', '{"event": "X", "data": []}\n'],
    ['a second greeting', GREETING],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x7b, 0x0a])],
    ['100,000 brackets', `${'['.repeat(100_000)}\n`],
  ]
  for (const [what, bytes] of BAD)
    it(`ends at ${what}`, async () => {
      const { qmp, far } = await negotiated()
      const answer = qmp.command('query-status')
      far.write(bytes)
      await assert.rejects(answer, { code: 'QMP_BAD_LINE' })
      assert.equal((await qmp.closed).code, 'QMP_BAD_LINE')
    })

  it('ends at a line without end, holding no more than the limit', async () => {
    const { qmp, far } = await negotiated()
    const answer = assert.rejects(qmp.command('query-status'), { code: 'QMP_BAD_LINE' })
    const chunk = Buffer.alloc(2 ** 20, 0x20)
    for (let sent = 0; sent <= MAX_LINE_BYTES; sent += chunk.length) far.write(chunk)
    await answer
  })

  it('ends when there is no greeting', async () => {
    const [near, far] = duplexPair()
    far.write('220 mail.example ESMTP\n')
    await assert.rejects(Qmp.open(near), { code: 'QMP_BAD_LINE' })
    const [near2, far2] = duplexPair()
    far2.end()
    await assert.rejects(Qmp.open(near2), { code: 'QMP_CLOSED' })
  })

  it('takes answers out of order and events in between', async () => {
    const heard: string[] = []
    const { qmp, far } = await negotiated(({ event, time }) => heard.push(`${event} ${time}`))
    const ids: string[] = []
    far.on('data', lines => {
      for (const line of `${lines}`.trim().split('\n')) ids.push(JSON.parse(line).id)
      if (ids.length < 2) return
      far.write('{"event": "STOP", "timestamp": {"seconds": 5, "microseconds": 500000}}\r\n')
      far.write(`{"return": "second", "id": "${ids[1]}"}\n{"event": "RESUME"}\n`)
      far.write(`{"return": "first", "id": "${ids[0]}"}\n`)
    })
    const answers = await Promise.all([qmp.command('a'), qmp.command('b')])
    assert.deepEqual(answers, ['first', 'second'])
    assert.deepEqual(heard, ['STOP 5.5', 'RESUME 0'])
  })
})
