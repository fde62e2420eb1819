/** Messages of JSON-RPC 2.0: what passes, and what is refused before anything acts on it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { guard } from '../../../node/rpc/guard.ts'
import { LIMITS } from '../../../node/rpc/limits.ts'

const check = (text: string | Uint8Array) => guard(Buffer.from(text as string), LIMITS)
const nested = (depth: number) =>
  `{"jsonrpc":"2.0","id":1,"method":"m","params":${'{"a":'.repeat(depth - 1)}1${'}'.repeat(depth)}`

describe('guard', () => {
  const PASS: [string, object][] = [
    ['{"jsonrpc":"2.0","id":1,"method":"m"}', { kind: 'call', id: 1, method: 'm', params: {} }],
    [
      '{"method":"m","params":{"a":[1]},"id":"x","jsonrpc":"2.0"}',
      { kind: 'call', id: 'x', method: 'm', params: { a: [1] } },
    ],
    ['{"jsonrpc":"2.0","method":"m"}', { kind: 'notice', method: 'm' }],
    ['{"jsonrpc":"2.0","id":1,"result":null}', { kind: 'answer', id: 1 }],
    [
      '{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no"}}',
      { kind: 'answer', id: null, error: { code: -1, message: 'no' } },
    ],
  ]
  for (const [text, message] of PASS)
    it(`passes ${text}`, () => {
      const raw = JSON.parse(text)
      if ('id' in raw && 'method' in raw) raw.params ??= {}
      assert.deepEqual(check(text), { message, raw })
    })

  const REFUSED: [string, string | Uint8Array, string, unknown?][] = [
    ['nothing', '', 'RPC_JSON'],
    ['half of a message', '{"jsonrpc":"2.0","id":1', 'RPC_JSON'],
    ['two messages', '{} {}', 'RPC_JSON'],
    ['Latin-1', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xfc"}', 'latin1'), 'RPC_JSON'],
    ['a byte order mark', '\ufeff{"jsonrpc":"2.0","id":1,"method":"m"}', 'RPC_JSON'],
    ['a text', '"m"', 'RPC_MESSAGE'],
    ['null', 'null', 'RPC_MESSAGE'],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"m"}]', 'RPC_MESSAGE'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"m"}', 'RPC_MESSAGE', 1],
    ['no version', '{"id":1,"method":"m"}', 'RPC_MESSAGE', 1],
    ['nothing to do', '{"jsonrpc":"2.0","id":1}', 'RPC_MESSAGE'],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"m"}', 'RPC_MESSAGE'],
    ['an id that is a list', '{"jsonrpc":"2.0","id":[],"method":"m"}', 'RPC_MESSAGE'],
    ['an id with a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"m"}', 'RPC_MESSAGE'],
    ['an endless id', `{"jsonrpc":"2.0","id":"${'x'.repeat(65)}","method":"m"}`, 'RPC_MESSAGE'],
    ['a method that is a number', '{"jsonrpc":"2.0","id":7,"method":5}', 'RPC_MESSAGE', 7],
    [
      'an endless method',
      `{"jsonrpc":"2.0","id":7,"method":"${'x'.repeat(65)}"}`,
      'RPC_MESSAGE',
      7,
    ],
    [
      'params in a list',
      '{"jsonrpc":"2.0","id":"a","method":"m","params":[1]}',
      'RPC_MESSAGE',
      'a',
    ],
    [
      'params that are text',
      '{"jsonrpc":"2.0","id":1,"method":"m","params":"x"}',
      'RPC_MESSAGE',
      1,
    ],
    ['an unknown field', '{"jsonrpc":"2.0","id":1,"method":"m","extra":1}', 'RPC_MESSAGE', 1],
    ['a prototype', '{"jsonrpc":"2.0","id":1,"method":"m","__proto__":{}}', 'RPC_MESSAGE', 1],
    ['an error and a result', '{"jsonrpc":"2.0","id":1,"result":1,"error":{}}', 'RPC_MESSAGE'],
    ['an error without a code', '{"jsonrpc":"2.0","id":1,"error":{"message":"m"}}', 'RPC_MESSAGE'],
    ['33 levels', nested(33), 'RPC_DEEP'],
    ['a million brackets', '['.repeat(1_000_000), 'RPC_DEEP'],
  ]
  for (const [what, text, code, id = null] of REFUSED)
    it(`refuses ${what}`, () => {
      const guarded = check(text)
      assert.ok('refused' in guarded, 'it passed')
      assert.deepEqual([guarded.refused.code, guarded.id], [code, id])
    })

  it('counts brackets outside of texts only', () => {
    const text = `${'['.repeat(99)}\\"${'{'.repeat(99)}`
    const guarded = check(`{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":"${text}"}}`)
    assert.ok('message' in guarded)
    assert.ok('message' in check(nested(31)))
  })
})
