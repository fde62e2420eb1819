/** Failed units and the programs of systemd. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { failedUnits } from '../../../node/systemd/failed.ts'
import { runProgram } from '../../../node/systemd/program.ts'

describe('failedUnits', () => {
  it('reads the names from what systemctl prints', async () => {
    const text =
      'var.mount          loaded failed failed Data of this router\n' +
      'blocktree.service  loaded failed failed Blocktree node\n\n'
    assert.deepEqual(await failedUnits(async () => text), ['var.mount', 'blocktree.service'])
    assert.deepEqual(await failedUnits(async () => ''), [])
  })

  it('passes on that systemctl failed', async () => {
    await assert.rejects(
      failedUnits(() => runProgram('false', [])),
      /Command failed/,
    )
  })
})

describe('runProgram', () => {
  it('gives what a program prints, and runs no shell', async () => {
    assert.equal(await runProgram('echo', ['$HOME; echo']), '$HOME; echo\n')
  })

  it('refuses one that is not there or says too much', async () => {
    await assert.rejects(runProgram('no-such-program', []), { code: 'ENOENT' })
    await assert.rejects(runProgram('head', ['-c', '100000', '/dev/zero']), /maxBuffer/)
  })
})
