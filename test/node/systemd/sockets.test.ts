/** Sockets passed by systemd. */
import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { passedSockets } from '../../../node/systemd/sockets.ts'

// A really passed socket is tested in ../main.test.ts.
describe('passedSockets', () => {
  it('are none without the variables, or when these are meant for another process', () => {
    for (const env of [
      {},
      { LISTEN_FDS: '1' },
      { LISTEN_PID: '7' },
      { LISTEN_PID: '8', LISTEN_FDS: '1' },
      { LISTEN_PID: '', LISTEN_FDS: '1' },
      { LISTEN_PID: '7.0', LISTEN_FDS: '1' },
      { LISTEN_PID: '7', LISTEN_FDS: '0' },
    ])
      assert.deepEqual(passedSockets({ ...env }, 7), [], JSON.stringify(env))
  })

  it('are refused when their number makes no sense', () => {
    for (const LISTEN_FDS of ['', '-1', '9', '1e9', 'one', '1 '])
      assert.throws(() => passedSockets({ LISTEN_PID: '7', LISTEN_FDS }, 7), {
        code: 'SOCKETS_COUNT',
      })
  })

  it('are refused when a descriptor is a file or is not open', () => {
    const opened = openSync('/dev/null', 'r')
    try {
      assert.throws(() => passedSockets({ LISTEN_PID: '7', LISTEN_FDS: '8' }, 7), {
        code: 'SOCKETS_NOT_A_SOCKET',
        message: /descriptor \d+ is no socket/,
      })
    } finally {
      closeSync(opened)
    }
  })

  it('are announced once: children find no variables', () => {
    const env = { LISTEN_PID: '8', LISTEN_FDS: '1', LISTEN_FDNAMES: 'web', PATH: '/bin' }
    passedSockets(env, 7)
    assert.deepEqual(env, { PATH: '/bin' })
  })
})
