/** The web app's types: it has a tsconfig of its own, as a browser knows other names than Node. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { it } from 'node:test'

const TOP = join(import.meta.dirname, '../..')

it('the web app has no type errors', () => {
  const tsc = join(TOP, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '--noEmit', '-p', join(TOP, 'node/web')]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
})
