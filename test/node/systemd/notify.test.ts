/** Readiness and the watchdog, as systemd hears of them. */
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { describe, it } from 'node:test'
import { Notifier } from '../../../node/systemd/notify.ts'

const SOCKET = { NOTIFY_SOCKET: '/run/systemd/notify' }

/** A runner that keeps what was sent; `sent` is emitted for each message. */
function recorder() {
  const messages: string[] = []
  const events = new EventEmitter()
  const run = async (name: string, args: readonly string[]) => {
    messages.push([name, ...args].join(' '))
    events.emit('sent')
  }
  return { messages, events, run }
}

describe('Notifier', () => {
  it('says ready and stopping through systemd-notify', async () => {
    const { messages, run } = recorder()
    const notifier = new Notifier(SOCKET, 7, run)
    await notifier.ready()
    await notifier.stopping()
    assert.deepEqual(messages, ['systemd-notify READY=1', 'systemd-notify STOPPING=1'])
  })

  it('says nothing when systemd did not start the node', async () => {
    const { messages, run } = recorder()
    const notifier = new Notifier({ WATCHDOG_USEC: '1000000' }, 7, run)
    await notifier.ready()
    assert.equal(notifier.interval, undefined)
    assert.deepEqual(messages, [])
  })

  it('feeds the watchdog at half its time, if it is meant for this process', () => {
    const rows = [
      [{ WATCHDOG_USEC: '60000000' }, 30_000],
      [{ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }, 30_000],
      [{ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' }, undefined],
      [{ WATCHDOG_USEC: '9999999999999999' }, 2 ** 31 - 1],
      [{ WATCHDOG_USEC: '0' }, undefined],
      [{ WATCHDOG_USEC: '999' }, undefined],
      [{ WATCHDOG_USEC: '-60000000' }, undefined],
      [{ WATCHDOG_USEC: '1e9' }, undefined],
      [{ WATCHDOG_USEC: '' }, undefined],
      [{}, undefined],
    ] as const
    for (const [env, interval] of rows)
      assert.equal(new Notifier({ ...SOCKET, ...env }, 7).interval, interval, JSON.stringify(env))
  })

  it('feeds only after a passed check, and again after a failed one', async () => {
    const { messages, events, run } = recorder()
    const notifier = new Notifier({ ...SOCKET, WATCHDOG_USEC: '10000' }, 7, run)
    const failures: unknown[] = []
    let checks = 0
    const stop = notifier.watch(
      async () => {
        if (++checks < 3) throw new Error(`check ${checks}`)
        assert.equal(messages.length, 0)
      },
      error => failures.push(error),
    )
    await once(events, 'sent')
    stop()
    assert.deepEqual(messages, ['systemd-notify WATCHDOG=1'])
    assert.deepEqual(failures.map(String), ['Error: check 1', 'Error: check 2'])
  })

  it('starts no second check while one hangs, and feeds nothing then', async () => {
    const { messages, run } = recorder()
    const notifier = new Notifier({ ...SOCKET, WATCHDOG_USEC: '2000' }, 7, run)
    let checks = 0
    const stop = notifier.watch(
      () => {
        checks++
        return new Promise(() => {})
      },
      () => assert.fail('nothing failed'),
    )
    await new Promise(resolve => setTimeout(resolve, 50))
    stop()
    assert.equal(checks, 1)
    assert.deepEqual(messages, [])
  })
})
