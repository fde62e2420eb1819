/**
 * Bytes of a message, checked before anything acts on them: UTF-8, JSON, not too deep, and exactly
 * the fields that JSON-RPC 2.0 has. No batches.
 */
import { RpcError } from './error.ts'
import type { Limits } from './limits.ts'

export type Id = string | number

export type Message =
  | { readonly kind: 'call'; readonly id: Id; readonly method: string; readonly params: object }
  | { readonly kind: 'notice'; readonly method: string; readonly params?: object }
  | { readonly kind: 'answer'; readonly id: Id | null; readonly error?: RemoteFailure }

/** How an answer says that the call failed. */
export type RemoteFailure = {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** A message, and as it came, for the library that goes on with it; or why it is none, and its id. */
export type Guarded =
  | { readonly message: Message; readonly raw: object }
  | { readonly refused: RpcError; readonly id: Id | null }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Texts longer than that are neither ids nor methods. */
const NAME_MAX = 64

/** Refused with `RPC_JSON`, `RPC_DEEP` or `RPC_MESSAGE`; nothing is thrown. */
export function guard(body: Uint8Array, limits: Limits): Guarded {
  let id: Id | null = null
  try {
    const raw = parse(body, limits)
    if (Object.hasOwn(raw, 'method') && isId(raw['id'])) id = raw['id']
    return { message: read(raw), raw }
  } catch (error) {
    if (error instanceof RpcError) return { refused: error, id }
    throw error
  }
}

function parse(body: Uint8Array, limits: Limits): Record<string, unknown> {
  if (tooDeep(body, limits.depth))
    throw new RpcError('RPC_DEEP', `the message is nested deeper than ${limits.depth}`)
  let raw: unknown
  try {
    raw = JSON.parse(utf8.decode(body))
  } catch {
    throw new RpcError('RPC_JSON', 'the message is not JSON in UTF-8')
  }
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw))
    return raw as Record<string, unknown>
  throw none('it is no object; several in a list are not taken')
}

function read(raw: Record<string, unknown>): Message {
  const { jsonrpc, id, method, params } = raw
  if (jsonrpc !== '2.0') throw none('jsonrpc is not "2.0"')
  if (Object.hasOwn(raw, 'method')) {
    only(raw, ['jsonrpc', 'id', 'method', 'params'])
    if (typeof method !== 'string' || method.length > NAME_MAX || method === '')
      throw none(`method is no text of 1 to ${NAME_MAX} characters`)
    if (
      params !== undefined &&
      (typeof params !== 'object' || params === null || Array.isArray(params))
    )
      throw none('params is no object')
    if (!Object.hasOwn(raw, 'id'))
      return { kind: 'notice', method, ...(params !== undefined && { params }) }
    if (!isId(id)) throw none(`id is neither a whole number nor a text of at most ${NAME_MAX}`)
    return { kind: 'call', id, method, params: (raw['params'] = params ?? {}) }
  }
  only(raw, ['jsonrpc', 'id', 'result', 'error'])
  if (id !== null && !isId(id)) throw none('it has neither a method nor an id')
  const failed = Object.hasOwn(raw, 'error')
  if (failed === Object.hasOwn(raw, 'result')) throw none('it has not one of result and error')
  if (!failed) return { kind: 'answer', id }
  if (!isFailure(raw['error'])) throw none('error has no code and message')
  return { kind: 'answer', id, error: raw['error'] }
}

function only(raw: object, known: readonly string[]): void {
  const extra = Object.keys(raw).find(key => !known.includes(key))
  if (extra !== undefined)
    throw none(`${JSON.stringify(extra.slice(0, NAME_MAX))} is none of ${known.join(', ')}`)
}

function isId(id: unknown): id is Id {
  return typeof id === 'string' ? id.length <= NAME_MAX : Number.isSafeInteger(id)
}

function isFailure(error: unknown): error is RemoteFailure {
  const { code, message } = (error ?? {}) as Partial<RemoteFailure>
  return Number.isSafeInteger(code) && typeof message === 'string'
}

function none(why: string): RpcError {
  return new RpcError('RPC_MESSAGE', `this is no message of JSON-RPC 2.0: ${why}`)
}

/** Counts brackets outside of texts, so that nothing deep is ever parsed. */
function tooDeep(body: Uint8Array, most: number): boolean {
  let [depth, quoted] = [0, false]
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (quoted) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) quoted = false
    } else if (byte === 0x22) quoted = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > most) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}
