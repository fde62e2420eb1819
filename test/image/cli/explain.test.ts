import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explain, isAbort } from '../../../image/cli/explain.ts'
import { UsageError } from '../../../image/cli/parse.ts'
import { SpawnError } from '../../../image/spawn.ts'

describe('explain', () => {
  it('says a foreseen error in one line and gives its code', () => {
    const error = new SpawnError('SPAWN_NOT_FOUND', 'x is not installed')
    const expected = { code: 'SPAWN_NOT_FOUND', lines: ['x is not installed'], exit: 1 }
    assert.deepEqual(explain(error, false), expected)
  })

  it('ends a wrong command line with 2', () => {
    assert.equal(explain(new UsageError('USAGE_VALUE', 'no'), false).exit, 2)
  })

  it('indents what follows the first line', () => {
    assert.deepEqual(explain(new SpawnError('SPAWN_FAILED', 'a\nb\n  c\n'), false).lines, [
      'a',
      '    b',
      '      c',
    ])
  })

  it('says what to do about a full disk', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
    })
    assert.match(explain(error, false).lines.join('\n'), /free some space \(bt clean/)
  })

  it('does so too when it was a step that ran out of disk', () => {
    for (const said of ['tar: x: No space left on device', 'write: ENOSPC: no space left']) {
      const lines = explain(new SpawnError('SPAWN_FAILED', said), false).lines
      assert.match(lines.at(-1)!, /^ {4}the disk is full/)
    }
    assert.equal(explain(new SpawnError('SPAWN_FAILED', 'no space'), false).lines.length, 1)
  })

  it('calls an unforeseen error internal, and shows the stack only on request', () => {
    const error = new TypeError('x is not a function')
    assert.deepEqual(explain(error, false).lines, [
      'internal error: x is not a function',
      '    BT_DEBUG=1 shows where; please report it',
    ])
    assert.match(explain(error, true).lines.join('\n'), /explain\.test\.ts/)
  })

  for (const thrown of ['text', undefined, null, 42, { a: 1 }])
    it(`survives a thrown ${JSON.stringify(thrown)}`, () => {
      assert.equal(explain(thrown, false).code, 'INTERNAL')
      assert.equal(isAbort(thrown), false)
    })

  it('tells aborts from failures', () => {
    assert.ok(isAbort(new DOMException('stopped', 'AbortError')))
    assert.ok(isAbort(new SpawnError('SPAWN_ABORTED', 'stopped')))
    assert.ok(!isAbort(new SpawnError('SPAWN_FAILED', 'no')))
  })
})
